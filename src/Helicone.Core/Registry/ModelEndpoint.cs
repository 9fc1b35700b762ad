using System.Collections.Generic;

namespace Helicone.Registry;

/// <summary>A model at one provider.</summary>
public sealed record ModelEndpoint
{
    /// <summary>The provider's name as a route writes it, such as <c>openai</c>.</summary>
    public string Provider { get; init; } = string.Empty;

    /// <summary>The provider's name for people.</summary>
    public string? DisplayName { get; init; }

    /// <summary>Whether Helicone's credits pay for it; otherwise it needs a provider key of your own.</summary>
    public bool? SupportsCredits { get; init; }

    /// <summary>What it costs.</summary>
    public ModelPricing? Pricing { get; init; }

    /// <summary>Its prices by length of the prompt, where they differ.</summary>
    public IReadOnlyList<ModelPricing> PricingTiers { get; init; } = [];

    /// <summary>The provider's name.</summary>
    public override string ToString() => Provider;
}
