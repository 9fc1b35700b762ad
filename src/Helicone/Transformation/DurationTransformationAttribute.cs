using System;
using System.Management.Automation;

namespace Helicone.Transformation;

/// <summary>Takes a time as people type it; see <see cref="Duration"/>.</summary>
public sealed class DurationTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = Duration.Typed(inputData);
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
