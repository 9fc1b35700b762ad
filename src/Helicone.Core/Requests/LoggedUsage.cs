using System;

namespace Helicone.Requests;

/// <summary>What calls that have something in common add up to: a model, a user, a property, or a day.</summary>
public sealed record LoggedUsage
{
    /// <summary>The name of the group as text that is safe to show: a day is written as <c>2026-01-31</c>, and calls without a name are <c>(none)</c>.</summary>
    public string Group { get; init; } = string.Empty;

    /// <summary>The name as the log has it; <see langword="null"/> for calls without one, and for the sum of all calls.</summary>
    public string? Name { get; init; }

    /// <summary>The number of calls.</summary>
    public long Requests { get; init; }

    /// <summary>The number of calls that failed: a status of 400 and higher, timed out, canceled, and blocked calls.</summary>
    public long Failed { get; init; }

    /// <summary>The number of prompt and response tokens.</summary>
    public long Tokens { get; init; }

    /// <summary>The number of prompt tokens.</summary>
    public long PromptTokens { get; init; }

    /// <summary>The number of response tokens.</summary>
    public long CompletionTokens { get; init; }

    /// <summary>The cost in US dollars, without the calls counted in <see cref="UnpricedRequests"/>; <see langword="null"/> when no call has a known cost.</summary>
    public decimal? Cost { get; init; }

    /// <summary>The number of calls whose cost is unknown and not included in <see cref="Cost"/>.</summary>
    public long UnpricedRequests { get; init; }

    /// <summary>The number of calls that were answered from the cache.</summary>
    public long CacheHits { get; init; }

    /// <summary>The cost over time.</summary>
    public UsageTrend Trend { get; init; } = UsageTrend.None;

    /// <summary>The beginning of the time span, in local time.</summary>
    public DateTime Since { get; init; }

    /// <summary>The end of the time span, in local time.</summary>
    public DateTime Until { get; init; }

    /// <summary>The name of the group.</summary>
    public override string ToString() => Group;
}
