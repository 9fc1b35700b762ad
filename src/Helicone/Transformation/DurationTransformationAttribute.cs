using System;
using System.Management.Automation;

namespace Helicone.Transformation;

/// <summary>Takes a time as people type it; see <see cref="Duration"/>.</summary>
public sealed class DurationTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        // To the parser, 7d is the decimal 7. What was typed is still on the object around it.
        object? value = inputData switch
        {
            PSObject { BaseObject: decimal } typed => typed.ToString(),
            PSObject wrapped => wrapped.BaseObject,
            _ => inputData,
        };
        try
        {
            return value is null ? null : Duration.Parse(value);
        }
        catch (FormatException e)
        {
            throw new ArgumentTransformationMetadataException(e.Message, e);
        }
    }
}
