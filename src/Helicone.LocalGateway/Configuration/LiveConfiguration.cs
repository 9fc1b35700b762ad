using System;
using System.Collections.Generic;
using Helicone.LocalGateway.Hosting;
using Helicone.LocalGateway.Log;
using Helicone.LocalGateway.Offline;
using Helicone.LocalGateway.Providers;
using Helicone.LocalGateway.Registry;
using Helicone.LocalGateway.Routing;
using Helicone.Offline;

namespace Helicone.LocalGateway.Configuration;

/// <summary>What gateway.json and the environment make of the gateway at this moment. A call under way keeps what it began with.</summary>
internal sealed class LiveConfiguration : IDisposable
{
    private readonly GatewayOptions _options;
    private readonly ModelRegistry _builtIn = ModelRegistry.BuiltIn();

    // Those of earlier configurations as well: somebody may still be reading from them. They are few, and go with the gateway.
    private readonly List<UpstreamProvider> _providers = [];
    private volatile LogOptions _retention;

    public LiveConfiguration(GatewayOptions options, GatewayConfiguration initial)
    {
        _options = options;
        _retention = options.Retention ?? initial.Retention;
        Routing = new LiveRoutingTable(TableOf(initial));
    }

    public LiveRoutingTable Routing { get; }

    /// <summary>How long calls are kept, as of now.</summary>
    public LogOptions Retention => _retention;

    /// <summary>Puts another configuration into its place.</summary>
    public void Apply(GatewayConfiguration configuration)
    {
        _retention = _options.Retention ?? configuration.Retention;
        Routing.Configure(TableOf(configuration));
    }

    public void Dispose()
    {
        foreach (UpstreamProvider provider in _providers)
        {
            provider.Dispose();
        }
    }

    private RoutingTable TableOf(GatewayConfiguration configuration)
    {
        List<UpstreamProvider> providers = [];
        foreach (UpstreamSettings settings in ProviderSetup.Providers(configuration, _options.Environment, _options.OllamaUri))
        {
            // One that did not change keeps its connections.
            if (_providers.Find(p => p.Settings == settings) is not { } provider)
            {
                provider = new UpstreamProvider(settings);
                _providers.Add(provider);
            }

            providers.Add(provider);
        }

        OfflineScenarios scenarios = new(configuration.Scenarios);
        ModelRegistry registry = _builtIn.With(ProviderSetup.Models(configuration));
        OfflineProvider offline = new(
            request => _options.OfflineScript?.Invoke(request) ?? scenarios.For(request),
            _options.TimeProvider,
            configuration.OfflineHasPrices ? registry : null);
        return new RoutingTable(registry, new ProviderCatalog(providers, offline, registry.ProviderNames, ProviderSetup.MissingKeys(configuration, _options.Environment)));
    }
}
