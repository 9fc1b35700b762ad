using System;
using System.Collections.Generic;

namespace Helicone.Requests;

/// <summary>A session as Helicone's log has it: what its calls add up to.</summary>
public sealed record LoggedSession
{
    /// <summary>Its id.</summary>
    public string SessionId { get; init; } = string.Empty;

    /// <summary>Its name.</summary>
    public string? Name { get; init; }

    /// <summary>When its first call came in.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary><see cref="CreatedAt"/> in local time. Serializers that don't support <see cref="DateTimeOffset"/> keep it a date.</summary>
    public DateTime Created => CreatedAt.LocalDateTime;

    /// <summary>When its latest call came in.</summary>
    public DateTimeOffset LatestRequestAt { get; init; }

    /// <summary>From the first call to the latest.</summary>
    public TimeSpan Duration => LatestRequestAt - CreatedAt;

    /// <summary>The number of calls.</summary>
    public long Requests { get; init; }

    /// <summary>US dollars, without the calls counted in <see cref="UnpricedRequests"/>; <see langword="null"/> when no call has a known cost.</summary>
    public decimal? Cost { get; init; }

    /// <summary>The number of calls whose cost is unknown and not included in <see cref="Cost"/>; <see langword="null"/> where the log doesn't report it, as Helicone's cloud.</summary>
    public long? UnpricedRequests { get; init; }

    /// <summary>Tokens of the prompts.</summary>
    public long PromptTokens { get; init; }

    /// <summary>Tokens of the answers.</summary>
    public long CompletionTokens { get; init; }

    /// <summary>Both.</summary>
    public long TotalTokens { get; init; }

    /// <summary>The mean latency of its calls.</summary>
    public TimeSpan? AverageLatency { get; init; }

    /// <summary>The users of its calls.</summary>
    public IReadOnlyList<string> UserIds { get; init => field = TextList<string>.Of(value); } = TextList<string>.None;

    /// <summary>The id.</summary>
    public override string ToString() => SessionId;
}
