using System;
using Helicone.Chat;

namespace Helicone.Spending;

/// <summary>A usage in the parts that are billed separately.</summary>
/// <param name="Input">Text tokens of the prompt that were neither cached nor audio.</param>
/// <param name="Cached">Tokens read from the provider's cache.</param>
/// <param name="Written5m">Tokens written to the provider's cache for five minutes.</param>
/// <param name="Written1h">Tokens written to it for an hour.</param>
/// <param name="Output">Text tokens of the answer, without reasoning, with accepted predictions.</param>
/// <param name="Reasoning">Tokens spent on reasoning.</param>
/// <param name="Audio">Audio tokens.</param>
/// <param name="WebSearches">The number of web searches.</param>
internal readonly record struct BilledUsage(long Input, long Cached, long Written5m, long Written1h, long Output, long Reasoning, ModalityTokens? Audio, long WebSearches)
{
    internal static BilledUsage Of(ChatUsage usage, string provider)
    {
        // A stream that was converted from Anthropic may count fresh input only: more cached tokens than tokens at all.
        long cachedWithin = usage.CachedTokens > usage.PromptTokens ? 0 : usage.CachedTokens;
        return new BilledUsage(
            Math.Max(0, usage.PromptTokens - cachedWithin - usage.PromptAudioTokens),
            usage.CachedTokens,
            Math.Max(0, usage.CacheWriteTokens - usage.CacheWrite1hTokens),
            usage.CacheWrite1hTokens,
            Math.Max(0, usage.CompletionTokens - usage.CompletionAudioTokens - ReasoningWithin(usage, provider)) + usage.AcceptedPredictionTokens,
            usage.ReasoningTokens,
            usage.Audio ?? (usage.PromptAudioTokens > 0 || usage.CompletionAudioTokens > 0 ? new ModalityTokens(usage.PromptAudioTokens, 0, usage.CompletionAudioTokens) : null),
            usage.WebSearchRequests);
    }

    /// <summary>The numbers of tokens that choose the price tier, for text and for cached tokens.</summary>
    internal (long Text, long Cached) Thresholds(string provider) => provider.ToLowerInvariant() switch
    {
        "anthropic" => (Input + Cached + Written5m + Written1h, 0),
        "google-ai-studio" or "xai" => (Input + Cached, Input + Cached),
        "vertex" => (Input, Cached),
        _ => (0, 0),
    };

    // xAI itself counts reasoning in addition to the answer; Helicone's gateway adds it. The total shows which of the two this is.
    private static long ReasoningWithin(ChatUsage usage, string provider) =>
        string.Equals(provider, "xai", StringComparison.OrdinalIgnoreCase) && usage.TotalTokens == usage.PromptTokens + usage.CompletionTokens + usage.ReasoningTokens ? 0 : usage.ReasoningTokens;
}
