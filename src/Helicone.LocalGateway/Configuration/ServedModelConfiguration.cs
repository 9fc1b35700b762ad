using Helicone.LocalGateway.Registry;

namespace Helicone.LocalGateway.Configuration;

/// <summary>A model at a configured provider: its id alone, or an object that says more.</summary>
internal sealed record ServedModelConfiguration
{
    /// <summary>The model's id in a route.</summary>
    public required string Id { get; init; }

    /// <summary>What the provider calls it; the id unless said.</summary>
    public string? ProviderModelId { get; init; }

    /// <summary>US dollars per million tokens.</summary>
    public RegistryPricing? Pricing { get; init; }
}
