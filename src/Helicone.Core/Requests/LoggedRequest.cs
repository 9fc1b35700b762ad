using System;
using System.Collections.Generic;
using Helicone.Chat;
using Helicone.Errors;

namespace Helicone.Requests;

/// <summary>A call as Helicone's log has it.</summary>
public sealed record LoggedRequest
{
    /// <summary>Its id: <see cref="ChatCompletion.RequestId"/> of the answer.</summary>
    public string RequestId { get; init; } = string.Empty;

    /// <summary>When it came in.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary><see cref="CreatedAt"/> in local time. Serializers that don't support <see cref="DateTimeOffset"/> keep it a date.</summary>
    public DateTime Created => CreatedAt.LocalDateTime;

    /// <summary>When its answer was complete.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>The model that served it, else the one that was asked for.</summary>
    public string? Model { get; init; }

    /// <summary>The model that was asked for.</summary>
    public string? RequestedModel { get; init; }

    /// <summary>The provider that served it.</summary>
    public string? Provider { get; init; }

    /// <summary>The HTTP status; negative for what has none: -2 timeout, -3 cancelled, -4 threat, -100 unknown.</summary>
    public int Status { get; init; }

    /// <summary>The end user.</summary>
    public string? UserId { get; init; }

    /// <summary>The session it belongs to.</summary>
    public string? SessionId { get; init; }

    /// <summary>The name of the session.</summary>
    public string? SessionName { get; init; }

    /// <summary>Its place in the session's tree.</summary>
    public string? SessionPath { get; init; }

    /// <summary>Its custom properties.</summary>
    public IReadOnlyDictionary<string, string> Properties { get; init; } = new NamedValues<string>();

    /// <summary>Tokens of the prompt.</summary>
    public long? PromptTokens { get; init; }

    /// <summary>Tokens of the answer.</summary>
    public long? CompletionTokens { get; init; }

    /// <summary>Both.</summary>
    public long? TotalTokens { get; init; }

    /// <summary>Tokens of the prompt that the provider read from its own cache.</summary>
    public long? CachedTokens { get; init; }

    /// <summary>US dollars.</summary>
    public decimal? Cost { get; init; }

    /// <summary>From request to complete answer.</summary>
    public TimeSpan? Latency { get; init; }

    /// <summary><see cref="Latency"/> in milliseconds, for sums and averages.</summary>
    public double? LatencyMs => Latency?.TotalMilliseconds;

    /// <summary>From request to first token.</summary>
    public TimeSpan? TimeToFirstToken { get; init; }

    /// <summary>The result of Helicone's response cache.</summary>
    public CacheStatus CacheStatus { get; init; }

    /// <summary>The feedback; <see langword="null"/> when there is none.</summary>
    public bool? Feedback { get; init; }

    /// <summary>Its scores by name.</summary>
    public IReadOnlyDictionary<string, double> Scores { get; init; } = new NamedValues<double>();

    /// <summary>The path that was called.</summary>
    public string? Path { get; init; }

    /// <summary>The text of the last user message, where bodies were requested and kept.</summary>
    public string? Prompt { get; init; }

    /// <summary>The request as JSON, where bodies were asked for and kept.</summary>
    public string? RequestBody { get; init; }

    /// <summary>The answer as JSON, where bodies were asked for and kept.</summary>
    public string? ResponseBody { get; init; }

    /// <summary>The reason why requested bodies couldn't be read.</summary>
    public HeliconeException? BodyError { get; init; }

    /// <summary>The id.</summary>
    public override string ToString() => RequestId;
}
