using System.Collections.Frozen;
using System.Collections.Generic;

namespace Helicone.LocalGateway.Providers;

/// <summary>The dialects of the providers, in one table. A provider that isn't in it speaks OpenAI's.</summary>
/// <remarks>
/// Only what a provider refuses without need, or silently ignores at the user's expense, is here. A field that changes the answer (logit_bias,
/// n, seed) is never dropped: the provider's own refusal names it, and the next provider is asked.
/// </remarks>
internal static class ProviderDialects
{
    private static readonly string[] s_platformHints = ["metadata", "prompt_cache_key", "safety_identifier", "service_tier", "store", "user"];

    // Ignored under its newer name, the limit would be none.
    private static readonly (string From, string To) s_maxTokens = ("max_completion_tokens", "max_tokens");

    private static readonly FrozenDictionary<string, ProviderDialect> s_dialects = new Dictionary<string, ProviderDialect>
    {
        ["anthropic"] = new() { Native = new("/messages", "x-api-key", "anthropic-version", "2023-06-01") },

        // Sends usage with the last chunk by itself.
        ["cerebras"] = new() { AcceptsStreamOptions = false, LeavesOut = ["metadata", "prompt_cache_key", "safety_identifier", "store"] },
        ["deepseek"] = new() { Renames = [s_maxTokens] },
        ["fireworks"] = new() { Renames = [s_maxTokens] },

        // 400 "Unknown name … Cannot find field" for each of them.
        ["google-ai-studio"] = new() { LeavesOut = s_platformHints },
        ["groq"] = new() { LeavesOut = ["metadata", "prompt_cache_key", "safety_identifier", "store"] },

        // It returns 422 "extra_forbidden" for unknown fields. The usage always comes with the last chunk.
        ["mistral"] = new() { AcceptsStreamOptions = false, Renames = [s_maxTokens, ("seed", "random_seed")], LeavesOut = s_platformHints },
        ["ollama"] = new() { Renames = [s_maxTokens] },
        ["openrouter"] = new() { Renames = [s_maxTokens] },

        // Usage comes with every chunk.
        ["perplexity"] = new() { AcceptsStreamOptions = false, Renames = [s_maxTokens], LeavesOut = s_platformHints },
        ["xai"] = new() { LeavesOut = ["metadata", "prompt_cache_key", "safety_identifier"] },
    }.ToFrozenDictionary();

    /// <summary>The dialect of a provider.</summary>
    public static ProviderDialect Of(string provider) => s_dialects.GetValueOrDefault(provider, ProviderDialect.OpenAI);
}
