using System;
using System.Collections.Generic;
using Helicone.Attribution;

namespace Helicone.Logging;

/// <summary>Something that did not go through the gateway and shall be in the log all the same: a model of your own, a tool, a vector database.</summary>
public sealed record ManualLogEntry
{
    /// <summary>What was asked: plain values, lists and dictionaries. Custom events say their kind in <c>_type</c>: <c>tool</c>, <c>vector_db</c> or <c>data</c>.</summary>
    public IReadOnlyDictionary<string, object?> Request { get; init; } = new Dictionary<string, object?>();

    /// <summary>What was answered, as fields.</summary>
    public IReadOnlyDictionary<string, object?> Response { get; init; } = new Dictionary<string, object?>();

    /// <summary>What was answered, as text: the raw chunks of a stream, one after another.</summary>
    public string? ResponseText { get; init; }

    /// <summary>The HTTP status; -3 for a stream that was cancelled.</summary>
    public int Status { get; init; } = 200;

    /// <summary>When it began.</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>When it ended. Not before it began.</summary>
    public DateTimeOffset EndedAt { get; init; }

    /// <summary>From beginning to first token.</summary>
    public TimeSpan? TimeToFirstToken { get; init; }

    /// <summary>The provider as the log shall name it.</summary>
    public string? Provider { get; init; }

    /// <summary>The session it belongs to.</summary>
    public HeliconeSession? Session { get; init; }

    /// <summary>User, properties, request id.</summary>
    public RequestTags Tags { get; init; } = new();
}
