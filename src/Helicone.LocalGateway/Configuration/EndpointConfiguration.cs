using Helicone.LocalGateway.Registry;

namespace Helicone.LocalGateway.Configuration;

/// <summary>Where a configured model runs.</summary>
internal sealed record EndpointConfiguration
{
    /// <summary>The provider's name in a route.</summary>
    public required string Provider { get; init; }

    /// <summary>The provider's name of the model. The default is its id.</summary>
    public string? ProviderModelId { get; init; }

    /// <summary>US dollars per million tokens.</summary>
    public RegistryPricing? Pricing { get; init; }
}
