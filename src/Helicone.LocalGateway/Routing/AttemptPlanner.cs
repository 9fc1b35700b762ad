using System.Collections.Generic;
using System.Linq;
using Helicone.LocalGateway.Providers;
using Helicone.LocalGateway.Registry;

namespace Helicone.LocalGateway.Routing;

/// <summary>Turns a model list into the attempts to make, in their order.</summary>
/// <remarks>
/// Helicone asks, element by element, first the providers you have a key for (by priority), then those its credits pay for (by price).
/// Every key on this machine is your own, so the first group is all the configured providers, by priority and then by price;
/// <c>offline</c> stands where the credits stand, and only where no provider of the whole list is configured: whoever gave the gateway one
/// key and writes <c>gpt-4o,claude-sonnet-4</c> wants the model behind that key, and a script whose provider fails must see that, not a
/// made-up answer. <c>model/offline</c> is always asked where it stands.
/// </remarks>
internal static class AttemptPlanner
{
    public static List<Attempt> Plan(ModelList list, RoutingTable table)
    {
        List<Attempt> attempts = [];
        foreach (ModelListElement element in list.Elements)
        {
            if (element.Provider is null)
            {
                AddCheapestFirst(attempts, element, list.Exclusions, table);
            }
            else if (!list.Exclusions.Contains(element.Provider))
            {
                attempts.Add(Explicit(element, element.Provider, table));
            }
        }

        if (attempts.Exists(a => a.Provider.IsConfigured && a.Provider != table.Providers.Offline))
        {
            attempts.RemoveAll(a => a.IsStandIn);
        }

        return attempts;
    }

    private static void AddCheapestFirst(List<Attempt> attempts, ModelListElement element, IReadOnlySet<string> exclusions, RoutingTable table)
    {
        if (table.Registry.Find(element.Model) is not { } model)
        {
            // Unknown without a provider: dropped silently, as there.
            return;
        }

        (RegistryEndpoint Endpoint, Provider Provider)[] configured = model.Endpoints
            .Select(e => (Endpoint: e, Provider: table.Providers.Find(e.ProviderSlug, deployment: null)))
            .Where(e => e.Provider is not null)
            .ToArray()!;
        if (configured.Length == 0)
        {
            Provider offline = table.Providers.Offline;
            if (!exclusions.Contains(offline.Name))
            {
                attempts.Add(new Attempt(element.Model, offline, element.Model, offline.SourceOf(element.Model, deployment: null), IsStandIn: true));
            }

            return;
        }

        attempts.AddRange(configured
            .Where(e => !e.Endpoint.RequireExplicitRouting && !exclusions.Contains(e.Provider.Name))
            .OrderBy(e => e.Provider.Priority)
            .ThenBy(e => e.Endpoint.PriceToCompare)
            .Select(e => new Attempt(element.Model, e.Provider, e.Endpoint.ProviderModelId, e.Provider.SourceOf(element.Model, deployment: null))));
    }

    /// <summary>A provider that was asked for by name is tried even when it cannot work: the attempt then says what is missing.</summary>
    private static Attempt Explicit(ModelListElement element, string name, RoutingTable table)
    {
        Provider provider = table.Providers.Find(name, element.Deployment) ?? ProviderCatalog.Missing(name, element.Deployment);

        // A model that the registry does not have goes to the provider under the name it came with.
        string modelId = table.Registry.Find(element.Model)?.Endpoints.FirstOrDefault(e => e.ProviderSlug == name)?.ProviderModelId ?? element.Model;
        return new Attempt(element.Model, provider, modelId, provider.SourceOf(element.Model, element.Deployment));
    }
}
