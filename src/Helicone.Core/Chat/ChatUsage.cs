using System;

namespace Helicone.Chat;

/// <summary>The tokens that a call used, as the provider counted them.</summary>
/// <param name="PromptTokens">All tokens of the prompt, cached ones included.</param>
/// <param name="CompletionTokens">All tokens of the answer, reasoning included.</param>
/// <param name="TotalTokens">Both.</param>
/// <param name="CachedTokens">Tokens of the prompt that the provider read from its own cache.</param>
/// <param name="CacheWriteTokens">Tokens of the prompt that the provider wrote to its own cache.</param>
/// <param name="ReasoningTokens">Tokens of the answer spent on reasoning.</param>
public sealed record ChatUsage(
    long PromptTokens,
    long CompletionTokens,
    long TotalTokens,
    long CachedTokens = 0,
    long CacheWriteTokens = 0,
    long ReasoningTokens = 0)
{
    /// <summary>In and out.</summary>
    public override string ToString() => FormattableString.Invariant($"{PromptTokens}\u2192{CompletionTokens}");
}
