using Helicone.LocalGateway.Providers;
using Helicone.LocalGateway.Registry;

namespace Helicone.LocalGateway.Routing;

/// <summary>What can be asked for and who can answer, as of one moment. A request sees one of these from beginning to end.</summary>
internal sealed record RoutingTable(ModelRegistry Registry, ProviderCatalog Providers);
