using System;

namespace Helicone.LocalGateway.Log;

/// <summary>How long calls are kept. Both limits are off by default: nothing is ever deleted then.</summary>
internal sealed record LogOptions
{
    /// <summary>Calls older than this are deleted.</summary>
    public TimeSpan? MaxAge { get; init; }

    /// <summary>When the log takes more than this many bytes, its oldest calls are deleted.</summary>
    public long? MaxBytes { get; init; }
}
