using System.Collections.Generic;
using System.Linq;
using Helicone.Registry;

namespace Helicone.LocalGateway.Registry;

/// <summary>A model at one provider.</summary>
internal sealed record RegistryEndpoint
{
    /// <summary>The provider's name for people.</summary>
    public required string Provider { get; init; }

    /// <summary>The provider's name in a route.</summary>
    public required string ProviderSlug { get; init; }

    /// <summary>What the provider calls the model.</summary>
    public required string ProviderModelId { get; init; }

    /// <summary>Indicates whether Helicone's credits pay for it on the cloud ("pass-through billing").</summary>
    public bool Ptb { get; init; }

    public int? ContextLength { get; init; }

    public int? MaxOutput { get; init; }

    /// <summary><see langword="null"/> when the price is unknown: such an endpoint is tried last, and no cost is assumed.</summary>
    public RegistryPricing? Pricing { get; init; }

    public IReadOnlyList<RegistryPricing> PricingTiers { get; init => field = value ?? []; } = [];

    /// <summary>Indicates whether only <c>model/provider</c> gets there.</summary>
    public bool RequireExplicitRouting { get; init; }

    /// <summary>What "cheapest" compares: prompt and answer together, as Helicone does.</summary>
    public decimal PriceToCompare => Pricing is { } pricing ? pricing.Prompt + pricing.Completion : decimal.MaxValue;

    /// <summary>The same endpoint as the client computes costs with it.</summary>
    public ModelEndpoint ToModelEndpoint() => new()
    {
        Provider = ProviderSlug,
        ProviderModelId = ProviderModelId,
        SupportsCredits = Ptb,
        Pricing = Pricing?.ToModelPricing(),
        PricingTiers = [.. PricingTiers.Select(t => t.ToModelPricing())],
    };
}
