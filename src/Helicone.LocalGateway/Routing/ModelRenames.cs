using System.Collections.Frozen;
using System.Collections.Generic;
using System.Linq;
using Helicone.LocalGateway.Registry;

namespace Helicone.LocalGateway.Routing;

/// <summary>Names that Helicone reads as others (Helicone/helicone packages/cost/models/provider-helpers.ts @3ab8099e).</summary>
internal static class ModelRenames
{
    private static readonly FrozenDictionary<string, string> s_renames = new Dictionary<string, string>
    {
        ["gemini-1.5-flash"] = "gemini-2.5-flash-lite",
        ["claude-3.5-sonnet"] = "claude-3.5-sonnet-v2",
        ["claude-3.5-sonnet-20240620"] = "claude-3.5-sonnet-v2",
        ["deepseek-r1"] = "deepseek-reasoner",
        ["kimi-k2"] = "kimi-k2-0711",
        ["kimi-k2-instruct"] = "kimi-k2-0905",
    }.ToFrozenDictionary();

    /// <summary>The name under which a model is looked up. One that is listed as it was written is meant: gateway.json or Ollama may have it.</summary>
    public static string Resolve(string model, string? provider, ModelRegistry registry)
    {
        if (IsServed(model, provider, registry) || !s_renames.TryGetValue(model, out string? renamed))
        {
            return model;
        }

        // Named with a provider that serves neither, the model is passed on as it was written.
        return provider is null || IsServed(renamed, provider, registry) ? renamed : model;
    }

    private static bool IsServed(string model, string? provider, ModelRegistry registry) =>
        registry.Find(model) is { } known && (provider is null || known.Endpoints.Any(e => e.ProviderSlug == provider));
}
