using System;
using Helicone.Chat;
using Helicone.Registry;

namespace Helicone.Spending;

/// <summary>Computes the cost of a call from its usage and the registry's prices, as Helicone does.</summary>
/// <remarks>Source: Helicone/helicone <c>packages/cost/models/calculate-cost.ts</c> @8d4645c8 and <c>packages/cost/usage/openAIUsageProcessor.ts</c> @69ffd3ca.</remarks>
public static class CostCalculator
{
    // The local gateway's offline provider. Its answers are free.
    private const string OfflineProvider = "offline";

    private const decimal PerMillion = 1_000_000m;

    /// <summary>Computes the cost of a call in US dollars.</summary>
    /// <param name="registry">The prices.</param>
    /// <param name="route">The route that was requested.</param>
    /// <param name="servedModel">The model as the answer names it.</param>
    /// <param name="provider">The provider that served the call; <see langword="null"/> where the gateway doesn't report it.</param>
    /// <param name="usage">The usage as the answer reports it.</param>
    /// <returns><see langword="null"/> when a part of the call has no known price.</returns>
    public static decimal? Calculate(ModelRegistry registry, ModelRoute route, string? servedModel, string? provider, ChatUsage usage)
    {
        if (usage.ProviderCost is > 0 and { } charged)
        {
            return charged;
        }

        if (IsFree(provider))
        {
            return 0;
        }

        // Endpoints that can't be distinguished give a price only if they agree.
        decimal? cost = null;
        foreach (ModelEndpoint endpoint in ServedEndpoint.Find(registry, route, servedModel, provider))
        {
            decimal? other = Calculate(endpoint, usage);
            if (other is null || (cost is not null && cost != other))
            {
                return null;
            }

            cost = other;
        }

        return cost;
    }

    /// <summary>Computes the cost of a call at one endpoint in US dollars.</summary>
    /// <param name="endpoint">The endpoint that served the call. Its provider decides how price tiers apply.</param>
    /// <param name="usage">The usage as the answer reports it.</param>
    /// <returns><see langword="null"/> when a part of the call has no known price.</returns>
    public static decimal? Calculate(ModelEndpoint endpoint, ChatUsage usage)
    {
        if (usage.ProviderCost is > 0 and { } charged)
        {
            return charged;
        }

        if (usage.IsImplausible || endpoint.Pricing is null)
        {
            return null;
        }

        BilledUsage billed = BilledUsage.Of(usage, endpoint.Provider);
        PriceTiers tiers = new(endpoint);
        ModelPricing basic = tiers.At(0);
        if ((billed.WebSearches > 0 && basic.WebSearch is null) || (billed.Written1h > 0 && OneHourWrite(basic) is null))
        {
            return null;
        }

        (long input, long cached) = billed.Thresholds(endpoint.Provider);
        ModelPricing text = tiers.At(input);
        ModelPricing cache = tiers.At(cached);
        decimal tokens = (billed.Input * text.Prompt)
            + (billed.Cached * (cache.CacheRead ?? cache.Prompt))
            + (billed.Written5m * (basic.CacheWrite ?? basic.Prompt))
            + (billed.Written1h * (OneHourWrite(basic) ?? 0))
            + (billed.Output * text.Completion)
            + (billed.Reasoning * (basic.Thinking ?? basic.Completion))
            + Modality(usage.Image, basic.Image, basic)
            + Modality(billed.Audio, basic.Audio, basic)
            + Modality(usage.Video, basic.Video, basic)
            + Modality(usage.File, basic.File, basic);
        return (tokens / PerMillion) + (billed.WebSearches * (basic.WebSearch ?? 0)) + (basic.Request ?? 0);
    }

    /// <summary>Indicates whether a provider costs nothing, whatever the model.</summary>
    internal static bool IsFree(string? provider) => string.Equals(provider, OfflineProvider, StringComparison.OrdinalIgnoreCase);

    private static decimal? OneHourWrite(ModelPricing pricing) => pricing.CacheWrite1h ?? (pricing.CacheWrite is null ? pricing.Prompt : null);

    private static decimal Modality(ModalityTokens? tokens, ModalityPricing? pricing, ModelPricing text)
    {
        if (tokens is null)
        {
            return 0;
        }

        decimal input = pricing?.Input ?? text.Prompt;
        decimal cached = pricing?.CachedInput
            ?? (text.CacheRead is not { } read ? input : text.Prompt == 0 ? read : input * read / text.Prompt);
        return (tokens.Input * input) + (tokens.Cached * cached) + (tokens.Output * (pricing?.Output ?? text.Completion));
    }
}
