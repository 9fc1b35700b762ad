using System.Collections.Frozen;
using System.Collections.Generic;

namespace Helicone.LocalGateway.Providers;

/// <summary>Who is known without being told.</summary>
internal static class WellKnownProviders
{
    /// <summary>Those that a key in the environment configures.</summary>
    public static IReadOnlyList<WellKnownProvider> All { get; } =
    [
        new("anthropic", "Anthropic", "https://api.anthropic.com/v1", "ANTHROPIC_API_KEY", Priority: 3),
        new("baseten", "Baseten", "https://inference.baseten.co/v1", "BASETEN_API_KEY"),
        new("canopywave", "Canopy Wave", "https://inference.canopywave.io/v1", "CANOPYWAVE_API_KEY"),
        new("cerebras", "Cerebras", "https://api.cerebras.ai/v1", "CEREBRAS_API_KEY"),
        new("chutes", "Chutes", "https://llm.chutes.ai/v1", "CHUTES_API_KEY"),
        new("deepinfra", "DeepInfra", "https://api.deepinfra.com/v1/openai", "DEEPINFRA_API_KEY"),
        new("deepseek", "DeepSeek", "https://api.deepseek.com", "DEEPSEEK_API_KEY"),
        new("fireworks", "Fireworks", "https://api.fireworks.ai/inference/v1", "FIREWORKS_API_KEY"),
        new("google-ai-studio", "Google AI Studio", "https://generativelanguage.googleapis.com/v1beta/openai", "GEMINI_API_KEY"),
        new("groq", "Groq", "https://api.groq.com/openai/v1", "GROQ_API_KEY"),
        new("mistral", "Mistral AI", "https://api.mistral.ai/v1", "MISTRAL_API_KEY"),
        new("nebius", "Nebius Token Factory", "https://api.tokenfactory.nebius.com/v1", "NEBIUS_API_KEY"),
        new("novita", "Novita", "https://api.novita.ai/openai/v1", "NOVITA_API_KEY"),
        new("openai", "OpenAI", "https://api.openai.com/v1", "OPENAI_API_KEY", Priority: 3),
        new("openrouter", "OpenRouter", "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY", Priority: 10),
        new("perplexity", "Perplexity", "https://api.perplexity.ai", "PERPLEXITY_API_KEY"),
        new("xai", "xAI", "https://api.x.ai/v1", "XAI_API_KEY"),
    ];

    /// <summary>The one of that name.</summary>
    public static WellKnownProvider? Find(string name)
    {
        foreach (WellKnownProvider provider in All)
        {
            if (provider.Name == name)
            {
                return provider;
            }
        }

        return null;
    }

    /// <summary>Every name that Helicone's cloud takes for a provider, served from here or not: a route may name it.</summary>
    public static FrozenSet<string> Names { get; } = new[]
    {
        "anthropic", "azure", "baseten", "bedrock", "canopywave", "cerebras", "chutes", "cohere", "crusoe", "deepinfra", "deepseek",
        "fireworks", "google-ai-studio", "groq", "helicone", "hpcai", "io-intelligence", "minimax", "mistral", "nebius", "neuronpool",
        "novita", "openai", "openrouter", "perplexity", "quicksilverpro", "relaxai", "saladcloud", "scalattice", "scx", "starveri",
        "tiyuvta", "vertex", "xai", "zai",
    }.ToFrozenSet();
}
