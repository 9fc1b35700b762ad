using System;
using System.Collections.Generic;

namespace Helicone.Offline;

/// <summary>The answer of a scenario.</summary>
internal sealed record ScenarioReply
{
    public ScenarioTemplate? Text { get; init; }

    public IReadOnlyList<ScenarioToolCall> ToolCalls { get; init; } = [];

    public required string FinishReason { get; init; }

    public TimeSpan ChunkPace { get; init; }

    public int? CutAfterChunks { get; init; }
}
