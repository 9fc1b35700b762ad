using System;
using System.Management.Automation;

namespace Helicone.Transformation;

/// <summary>Takes a point in time as people type it; see <see cref="Moment"/>.</summary>
public sealed class MomentTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = Duration.Typed(inputData);
        try
        {
            return value is null ? null : Moment.Parse(value);
        }
        catch (FormatException e)
        {
            throw new ArgumentTransformationMetadataException(e.Message, e);
        }
    }
}
