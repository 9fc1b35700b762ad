using System.Collections.Generic;
using System.Threading;
using Helicone.LocalGateway.Registry;

namespace Helicone.LocalGateway.Routing;

/// <summary>The routing table of this moment; replaced whole when gateway.json changes, and when Ollama comes or goes.</summary>
internal sealed class LiveRoutingTable(RoutingTable initial)
{
    private readonly Lock _turn = new();
    private RoutingTable _configured = initial;
    private IReadOnlyCollection<RegistryModel> _found = [];
    private volatile RoutingTable _current = initial;

    public RoutingTable Current => _current;

    /// <summary>What is configured, from now on.</summary>
    public void Configure(RoutingTable table)
    {
        lock (_turn)
        {
            _configured = table;
            Compose();
        }
    }

    /// <summary>The models that were found running, in addition to the configured ones.</summary>
    public void Discover(IReadOnlyCollection<RegistryModel> models)
    {
        lock (_turn)
        {
            _found = models;
            Compose();
        }
    }

    private void Compose() => _current = _configured with { Registry = _configured.Registry.With(_found) };
}
