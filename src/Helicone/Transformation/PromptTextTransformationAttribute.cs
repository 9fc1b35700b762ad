using System.Management.Automation;

namespace Helicone.Transformation;

/// <summary>Takes text for an input of a prompt. Another object isn't text: its properties may be the inputs.</summary>
internal sealed class PromptTextTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) => PlainValue.Unwrap(inputData) switch
    {
        null => null,
        string or System.ValueType or System.Uri or System.Version => inputData,

        // The engine goes on and binds by property name after this exception, and after no other.
        var other => throw new ArgumentTransformationMetadataException($"A {other.GetType().Name} isn't text.", new PSInvalidCastException()),
    };
}
