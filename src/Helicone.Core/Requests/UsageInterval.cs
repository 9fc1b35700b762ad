using System;

namespace Helicone.Requests;

/// <summary>What the calls of one interval add up to.</summary>
public sealed record UsageInterval
{
    /// <summary>The beginning of the interval, in local time.</summary>
    public DateTime Start { get; init; }

    /// <summary>The number of calls.</summary>
    public long Requests { get; init; }

    /// <summary>The cost in US dollars, without the calls counted in <see cref="UnpricedRequests"/>; <see langword="null"/> when no call has a known cost.</summary>
    public decimal? Cost { get; init; }

    /// <summary>The number of calls whose cost is unknown.</summary>
    public long UnpricedRequests { get; init; }
}
