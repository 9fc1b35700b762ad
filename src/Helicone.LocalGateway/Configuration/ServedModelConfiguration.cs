using Helicone.LocalGateway.Registry;

namespace Helicone.LocalGateway.Configuration;

/// <summary>A model at a configured provider: its id, or an object with more settings.</summary>
internal sealed record ServedModelConfiguration
{
    /// <summary>The model's id in a route.</summary>
    public required string Id { get; init; }

    /// <summary>The provider's name of the model. The default is the id.</summary>
    public string? ProviderModelId { get; init; }

    /// <summary>US dollars per million tokens.</summary>
    public RegistryPricing? Pricing { get; init; }
}
