using System.Collections.Generic;
using System.Linq;
using Helicone.LocalGateway.Providers;
using Helicone.LocalGateway.Registry;

namespace Helicone.LocalGateway.Routing;

/// <summary>Turns a model list into the attempts to make, in their order.</summary>
/// <remarks>
/// Helicone asks, element by element, first the providers you have a key for (by priority), then those its credits pay for (by price).
/// Every key on this machine is your own, so the first group is all the configured providers, by priority and then by price;
/// <c>offline</c> takes the place of credits, and only while this gateway has no provider at all: a script must be able to see a missing key
/// or a failing provider instead of an offline answer. <c>model/offline</c> is always tried in its place.
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
                AddCheapestFirst(attempts, element.Named(ModelRenames.Resolve(element.Model, provider: null, table.Registry)), list.Exclusions, table);
            }
            else if (!list.Exclusions.Contains(element.Provider))
            {
                attempts.Add(Explicit(element.Named(ModelRenames.Resolve(element.Model, element.Provider, table.Registry)), element.Provider, table));
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
            // An unknown model without a provider: dropped silently, as on Helicone's cloud.
            return;
        }

        (RegistryEndpoint Endpoint, Provider Provider)[] configured = model.Endpoints
            .Select(e => (Endpoint: e, Provider: table.Providers.Find(e.ProviderSlug, deployment: null)))
            .Where(e => e.Provider is not null)
            .ToArray()!;
        if (configured.Length == 0)
        {
            AddStandIn(attempts, element.Model, model, exclusions, table.Providers);
            return;
        }

        attempts.AddRange(configured
            .Where(e => !e.Endpoint.RequireExplicitRouting && !exclusions.Contains(e.Provider.Name))
            .OrderBy(e => e.Provider.Priority)
            .ThenBy(e => e.Endpoint.PriceToCompare)
            .Select(e => new Attempt(element.Model, e.Provider, e.Endpoint.ProviderModelId, e.Provider.SourceOf(element.Model, deployment: null))));
    }

    /// <summary>None of the model's providers is configured: offline is used when no provider is configured at all; otherwise the attempt reports the missing key.</summary>
    private static void AddStandIn(List<Attempt> attempts, string name, RegistryModel model, IReadOnlySet<string> exclusions, ProviderCatalog providers)
    {
        if (!providers.IsAnyConfigured)
        {
            Provider offline = providers.Offline;
            if (!exclusions.Contains(offline.Name))
            {
                attempts.Add(new Attempt(name, offline, name, offline.SourceOf(name, deployment: null), IsStandIn: true));
            }

            return;
        }

        string[] serving = [.. model.Endpoints.Where(e => !e.RequireExplicitRouting && !exclusions.Contains(e.ProviderSlug)).Select(e => e.ProviderSlug).Distinct()];
        if (serving.Length > 0)
        {
            Provider missing = providers.Missing(name, serving);
            attempts.Add(new Attempt(name, missing, name, missing.SourceOf(name, deployment: null)));
        }
    }

    /// <summary>A provider that the route names is tried even if it can't work: the attempt then reports what is missing.</summary>
    private static Attempt Explicit(ModelListElement element, string name, RoutingTable table)
    {
        Provider provider = table.Providers.Find(name, element.Deployment) ?? table.Providers.Missing(name, element.Deployment);

        // A model that the registry does not have goes to the provider under the name it came with.
        string modelId = table.Registry.Find(element.Model)?.Endpoints.FirstOrDefault(e => e.ProviderSlug == name)?.ProviderModelId ?? element.Model;
        return new Attempt(element.Model, provider, modelId, provider.SourceOf(element.Model, element.Deployment));
    }
}
