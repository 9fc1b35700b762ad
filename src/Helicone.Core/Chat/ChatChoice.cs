using System.Collections.Generic;

namespace Helicone.Chat;

/// <summary>One of the answers to a request. There are several when the request sets <c>n</c>.</summary>
public sealed class ChatChoice
{
    internal ChatChoice(int index, ChatMessage message, string? finishReason, IReadOnlyList<TokenLogProbability> logProbabilities)
    {
        Index = index;
        Message = message;
        FinishReason = finishReason;
        LogProbs = TextList<TokenLogProbability>.Of(logProbabilities);
    }

    /// <summary>The position among the answers, from 0.</summary>
    public int Index { get; }

    /// <summary>The message of the model.</summary>
    public ChatMessage Message { get; }

    /// <summary>The reason why the answer ended: <c>stop</c>, <c>length</c>, <c>tool_calls</c>, or <c>content_filter</c>.</summary>
    public string? FinishReason { get; }

    /// <summary>The log probabilities of the tokens; empty unless the request asked for them.</summary>
    public IReadOnlyList<TokenLogProbability> LogProbs { get; }

    /// <summary>The text of the message.</summary>
    public override string ToString() => Message.Content ?? string.Empty;
}
