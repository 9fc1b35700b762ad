using System;
using System.Collections;
using System.Linq;
using System.Management.Automation;

namespace Helicone.Transformation;

/// <summary>Takes calls as people pass them; see <see cref="RequestIds"/>. What is none is left to the binder.</summary>
public sealed class RequestIdTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        try
        {
            return PlainValue.Unwrap(inputData) is IEnumerable list and not (string or IDictionary)
                ? list.Cast<object?>().Select(RequestIds.Read).ToArray()
                : RequestIds.TryRead(inputData) is { } id ? new[] { id } : inputData;
        }
        catch (FormatException e)
        {
            throw new ArgumentTransformationMetadataException(e.Message, e);
        }
    }
}
