using System;
using System.Collections;
using System.Management.Automation;

namespace Helicone.Transformation;

/// <summary>Text, or a script block that writes the text for each input object.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class TextOrScriptTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) => PlainValue.Unwrap(inputData) switch
    {
        ScriptBlock block => block,
        string text => text,
        IEnumerable => throw new ArgumentTransformationMetadataException("Specify one text, or use the pipeline to send several."),
        _ => LanguagePrimitives.ConvertTo<string>(inputData),
    };
}
