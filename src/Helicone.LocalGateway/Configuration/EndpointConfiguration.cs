using Helicone.LocalGateway.Registry;

namespace Helicone.LocalGateway.Configuration;

/// <summary>Where a configured model runs.</summary>
internal sealed record EndpointConfiguration
{
    /// <summary>The provider's name in a route.</summary>
    public required string Provider { get; init; }

    /// <summary>What the provider calls the model; its id unless said.</summary>
    public string? ProviderModelId { get; init; }

    /// <summary>US dollars per million tokens.</summary>
    public RegistryPricing? Pricing { get; init; }
}
