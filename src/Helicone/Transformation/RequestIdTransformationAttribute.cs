using System;
using System.Collections;
using System.Linq;
using System.Management.Automation;

namespace Helicone.Transformation;

/// <summary>Takes calls as people pass them; see <see cref="RequestIdArgument"/>. Anything else is an error, and in a pipeline it binds to other parameters.</summary>
public sealed class RequestIdTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        try
        {
            return PlainValue.Unwrap(inputData) is IEnumerable list and not (string or IDictionary)
                ? list.Cast<object?>().Select(RequestIdArgument.Read).ToArray()
                : new[] { RequestIdArgument.TryRead(inputData) ?? throw NotARequest(inputData) };
        }
        catch (FormatException e)
        {
            throw new ArgumentTransformationMetadataException(e.Message, e);
        }
    }

    // After a failed cast, the binder tries the parameters that take pipeline input by property name: a session binds to -Session.
    private static ArgumentTransformationMetadataException NotARequest(object value)
    {
        string message = RequestIdArgument.Refusal(value);
        return new ArgumentTransformationMetadataException(message, new PSInvalidCastException(message));
    }
}
