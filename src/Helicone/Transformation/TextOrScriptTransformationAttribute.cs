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
        IEnumerable list => throw new ArgumentTransformationMetadataException($"A {list.GetType().Name} is not text. Use the pipeline to pass several values."),
        _ => LanguagePrimitives.ConvertTo<string>(inputData),
    };
}
