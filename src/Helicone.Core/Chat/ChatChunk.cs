using System.Collections.Generic;

namespace Helicone.Chat;

/// <summary>A piece of an answer as it arrives.</summary>
public sealed class ChatChunk
{
    /// <summary>The text that arrived; empty on a chunk that carries something else.</summary>
    public string Text { get; init; } = string.Empty;

    /// <summary>The reasoning that arrived, where the provider shows it.</summary>
    public string? Reasoning { get; init; }

    /// <summary>The model's refusal, from OpenAI's field <c>refusal</c>.</summary>
    public string? Refusal { get; init; }

    /// <summary>The finish reason, on the chunk that contains it and on the last one.</summary>
    public string? FinishReason { get; init; }

    /// <summary>Pieces of tool calls.</summary>
    public IReadOnlyList<ToolCall> ToolCalls { get; init => field = TextList<ToolCall>.Of(value); } = TextList<ToolCall>.None;

    /// <summary>The tokens of the whole call, on the last chunk.</summary>
    public ChatUsage? Usage { get; init; }

    /// <summary>The call's id in Helicone's log.</summary>
    public string? RequestId { get; init; }

    /// <summary>The index of the answer that it belongs to (<c>n</c> in the request); 0 for the only one.</summary>
    public int Index { get; init; }

    /// <summary>The whole answer, on the last chunk only. A stream that breaks off never has it.</summary>
    public ChatCompletion? Completion { get; init; }

    /// <summary>The text that arrived.</summary>
    public override string ToString() => Text;
}
