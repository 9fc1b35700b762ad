using System;
using System.Linq;
using Helicone.Chat;
using Helicone.LocalGateway.Offline;
using Helicone.LocalGateway.Registry;
using Helicone.Registry;
using ModelRegistry = Helicone.LocalGateway.Registry.ModelRegistry;

namespace Helicone.LocalGateway.Log;

/// <summary>What a call cost by this gateway's registry.</summary>
internal static class CallCost
{
    /// <summary>US dollars; <see langword="null"/> when the registry has no price for that model at that provider, or nothing was counted.</summary>
    public static decimal? Of(ModelRegistry registry, string? model, string? provider, ChatUsage? usage)
    {
        if (provider == OfflineProvider.ProviderName)
        {
            return 0;
        }

        if (usage is null || model is null || registry.Find(model)?.Endpoints.FirstOrDefault(e => e.ProviderSlug.Equals(provider, StringComparison.OrdinalIgnoreCase)) is not { Pricing: { } pricing } endpoint)
        {
            return null;
        }

        RegistryPricing tier = endpoint.PricingTiers.LastOrDefault(t => t.Threshold > 0 && t.Threshold <= usage.PromptTokens) ?? pricing;
        return CostCalculator.Calculate(
            new ModelPricing { Prompt = tier.Prompt, Completion = tier.Completion, CacheRead = tier.CacheRead, CacheWrite = tier.CacheWrite, Thinking = tier.Thinking },
            usage) + (pricing.Request ?? 0);
    }
}
