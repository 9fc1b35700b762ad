using System.Collections.Generic;
using Helicone.LocalGateway.Log;
using Helicone.Offline;

namespace Helicone.LocalGateway.Configuration;

/// <summary>The content of <c>gateway.json</c>.</summary>
internal sealed record GatewayConfiguration
{
    public IReadOnlyList<ProviderConfiguration> Providers { get; init; } = [];

    public IReadOnlyList<ModelConfiguration> Models { get; init; } = [];

    /// <summary>The scripted answers of the offline provider. The first scenario that matches is used.</summary>
    public IReadOnlyList<OfflineScenario> Scenarios { get; init; } = [];

    /// <summary>Indicates whether offline answers report the cost that the model's cheapest provider would charge, so that a budget can be rehearsed.</summary>
    public bool OfflineHasPrices { get; init; }

    /// <summary>How long calls are kept in the log.</summary>
    public LogOptions Retention { get; init; } = LogOptions.Default;
}
