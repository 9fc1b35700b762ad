namespace Helicone.LocalGateway.Tests.Hosting;

/// <summary>A test that needs a separate disk that can be filled; skipped, with the reason, where none can be mounted.</summary>
internal sealed class TmpfsFactAttribute : FactAttribute
{
    public TmpfsFactAttribute()
    {
        if (SmallDisk.WhyNot is { } reason)
        {
            Skip = reason;
        }
    }
}
