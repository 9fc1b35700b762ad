using System.Collections.Generic;
using System.Text.Json;

namespace Helicone.Chat;

/// <summary>A choice of one document: the <c>message</c> of a whole answer, or the <c>delta</c> of a stream's event.</summary>
internal sealed class ChatDelta
{
    /// <summary>The finish reason with which some gateways mark an answer that a provider's error has cut.</summary>
    internal const string FinishedByError = "error";

    internal int Index { get; set; }

    internal bool HasMessage { get; set; }

    /// <summary>The position of the message in the document, so that the message of a whole answer can be kept unchanged.</summary>
    internal (int Start, int Length) MessageRange { get; set; }

    internal string? Role { get; set; }

    internal string? Text { get; set; }

    /// <summary>Content that came as parts (Mistral's thinking, audio, images), as it came.</summary>
    internal JsonElement? Parts { get; set; }

    /// <summary>The text of <c>reasoning_content</c> (DeepSeek, Qwen, xAI).</summary>
    internal string? ReasoningContent { get; set; }

    /// <summary>The text of <c>reasoning</c> (OpenRouter, Groq).</summary>
    internal string? ReasoningField { get; set; }

    /// <summary>The text of reasoning that came in parts or in <c>reasoning_details</c>.</summary>
    internal string? ReasoningInParts { get; set; }

    /// <summary>The reasoning to show. Servers that send it under two names send the same text twice.</summary>
    internal string? Reasoning => NotEmpty(ReasoningContent) ?? NotEmpty(ReasoningField) ?? NotEmpty(ReasoningInParts);

    internal string? Refusal { get; set; }

    internal string? FinishReason { get; set; }

    internal List<ToolCallPiece>? ToolCalls { get; set; }

    /// <summary>Fields of the message that this client does not read.</summary>
    internal List<KeyValuePair<string, JsonElement>>? Extra { get; set; }

    /// <summary>Fields of the choice next to the message, such as <c>logprobs</c>.</summary>
    internal List<KeyValuePair<string, JsonElement>>? ChoiceExtra { get; set; }

    /// <summary>
    /// Indicates that it contains part of the answer: text, reasoning, a refusal, tool calls, audio, or another field of the message. A role says
    /// nothing that anyone waits for.
    /// </summary>
    internal bool Speaks => HasPieces || Extra is not null;

    /// <summary>Indicates that there is text, reasoning, a refusal, a tool call, or a content part in it.</summary>
    internal bool HasPieces => !string.IsNullOrEmpty(Text) || !string.IsNullOrEmpty(Reasoning) || !string.IsNullOrEmpty(Refusal)
        || ToolCalls is not null || Parts is not null;

    /// <summary>Forgets a message that turns out not to be the one that counts.</summary>
    internal void ClearMessage()
    {
        HasMessage = false;
        MessageRange = default;
        Role = Text = ReasoningContent = ReasoningField = ReasoningInParts = Refusal = null;
        Parts = null;
        ToolCalls = null;
        Extra = null;
    }

    private static string? NotEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
