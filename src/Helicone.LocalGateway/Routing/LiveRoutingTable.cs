namespace Helicone.LocalGateway.Routing;

/// <summary>The routing table of this moment; replaced whole when Ollama comes or goes (and, later, when gateway.json changes).</summary>
internal sealed class LiveRoutingTable(RoutingTable initial)
{
    private volatile RoutingTable _current = initial;

    public RoutingTable Current => _current;

    public void Replace(RoutingTable table) => _current = table;
}
