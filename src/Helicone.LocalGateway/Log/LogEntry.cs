using System;
using System.Collections.Generic;
using Helicone.Chat;

namespace Helicone.LocalGateway.Log;

/// <summary>A call as it goes into the log. The bodies are the caller's memory: they must stay as they are until the entry is committed.</summary>
internal sealed record LogEntry
{
    public required Guid Id { get; init; }

    /// <summary>When the call came in.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>From the call to the end of its answer.</summary>
    public required TimeSpan Latency { get; init; }

    /// <summary>From the call to the first event of its answer; only where it is streamed.</summary>
    public TimeSpan? TimeToFirstToken { get; init; }

    /// <summary>The model list as the client wrote it.</summary>
    public string? RequestedModel { get; init; }

    /// <summary>The model as the answer names it.</summary>
    public string? ServedModel { get; init; }

    /// <summary><c>Helicone-Model-Override</c>: as what the call counts, whoever answered.</summary>
    public string? ModelOverride { get; init; }

    /// <summary>As what the call counts: the override, else the model that answered, else the one that was asked for.</summary>
    public string Model => ModelOverride ?? ServedModel ?? RequestedModel ?? string.Empty;

    public string? Provider { get; init; }

    /// <summary>How many providers were asked.</summary>
    public int Attempts { get; init; }

    /// <summary>Those of them that did not answer.</summary>
    public IReadOnlyList<FailedAttempt> FailedAttempts { get; init; } = [];

    /// <summary>The status as it was sent; <see cref="LogStatus"/> for what has none.</summary>
    public required int Status { get; init; }

    public ChatUsage? Usage { get; init; }

    /// <summary>US dollars; <see langword="null"/> when it is unknown.</summary>
    public decimal? Cost { get; init; }

    /// <summary>Indicates whether this is an event of a tool or a database. It has no model, and so no price.</summary>
    public bool IsEvent { get; init; }

    /// <summary>Indicates whether a model answered, at least in part, at an unknown cost. Sums report the number of such calls.</summary>
    public bool IsUnpriced => Cost is null && !IsEvent && (Status is (>= 200 and < 400) or LogStatus.Cancelled || TimeToFirstToken is not null);

    public bool CacheEnabled { get; init; }

    /// <summary>Whose answer this is, when it came from the cache.</summary>
    public string? CacheReference { get; init; }

    public string? SessionId { get; init; }

    public string? SessionName { get; init; }

    public string? SessionPath { get; init; }

    public string? UserId { get; init; }

    /// <summary>Names as they were written, each once whatever its case.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Properties { get; init; } = [];

    /// <summary>The path on this gateway.</summary>
    public string? Path { get; init; }

    /// <summary>Where the provider was asked.</summary>
    public string? TargetUrl { get; init; }

    public string? PromptId { get; init; }

    /// <summary><c>OPENAI</c>, <c>RESPONSES</c> or <c>NO_MAPPING</c>.</summary>
    public string? BodyMapping { get; init; }

    /// <summary>The request; <see langword="null"/> when it isn't kept.</summary>
    public ReadOnlyMemory<byte>? RequestBody { get; init; }

    /// <summary>The answer; <see langword="null"/> when it isn't kept.</summary>
    public ReadOnlyMemory<byte>? ResponseBody { get; init; }
}
