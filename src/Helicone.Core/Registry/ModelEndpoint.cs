using System.Collections.Generic;

namespace Helicone.Registry;

/// <summary>A model at one provider.</summary>
public sealed record ModelEndpoint
{
    /// <summary>The provider's name as a route writes it, such as <c>openai</c>.</summary>
    public string Provider { get; init; } = string.Empty;

    /// <summary>The provider's name for people.</summary>
    public string? DisplayName { get; init; }

    /// <summary>The provider's own id of the model, by which its answers name it; <see langword="null"/> when the registry doesn't list one.</summary>
    public string? ProviderModelId { get; init; }

    /// <summary>Indicates whether Helicone's credits pay for it; otherwise it needs your own provider key.</summary>
    public bool? SupportsCredits { get; init; }

    /// <summary>Its prices, or those of the first tier.</summary>
    public ModelPricing? Pricing { get; init; }

    /// <summary>Its prices by number of tokens, where they differ, sorted by threshold. A tier inherits what it doesn't set from the tier below it.</summary>
    public IReadOnlyList<ModelPricing> PricingTiers { get; init => field = TextList<ModelPricing>.Of(value); } = TextList<ModelPricing>.None;

    /// <summary>The provider's name.</summary>
    public override string ToString() => Provider;
}
