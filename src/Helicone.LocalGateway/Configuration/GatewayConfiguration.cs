using System.Collections.Generic;
using System.Text.Json.Serialization;

namespace Helicone.LocalGateway.Configuration;

/// <summary>The content of <c>gateway.json</c>.</summary>
internal sealed record GatewayConfiguration
{
    /// <summary>For editors.</summary>
    [JsonPropertyName("$schema")]
    public string? Schema { get; init; }

    public IReadOnlyList<ProviderConfiguration> Providers { get; init => field = value ?? []; } = [];

    public IReadOnlyList<ModelConfiguration> Models { get; init => field = value ?? []; } = [];
}
