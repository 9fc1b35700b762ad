using System;
using System.Collections.Generic;
using Helicone.Offline.Errors;

namespace Helicone.Offline;

/// <summary>What the offline provider answers to one call, and how.</summary>
/// <remarks>
/// This is the seam for scripted offline answers: the gateway asks a <c>Func&lt;OfflineRequest, OfflineReply?&gt;</c> of its options first,
/// then the scenarios of gateway.json, and then <see cref="OfflineReplies"/>.
/// </remarks>
internal sealed record OfflineReply
{
    public string Content { get; init; } = string.Empty;

    /// <summary>The calls of tools, which may follow a text.</summary>
    public IReadOnlyList<OfflineToolCall> ToolCalls { get; init; } = [];

    /// <summary><c>stop</c>, <c>length</c>, <c>tool_calls</c> …</summary>
    public string FinishReason { get; init; } = "stop";

    /// <summary>How long until the first token.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>How long between two chunks of a stream.</summary>
    public TimeSpan ChunkPace { get; init; }

    /// <summary>After how many chunks the connection breaks; <see langword="null"/> for never.</summary>
    public int? CutAfterChunks { get; init; }

    /// <summary>Fails the attempt instead of answering.</summary>
    public AttemptError? Failure { get; init; }

    /// <summary>Ends the call with this instead of answering.</summary>
    public OfflineEnvelope? Envelope { get; init; }
}
