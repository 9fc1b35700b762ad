using System.Collections.Generic;
using System.Linq;

namespace Helicone.LocalGateway.Providers;

/// <summary>The providers of this gateway: those that are configured, and those that are only known by name.</summary>
/// <param name="configured">Those that can be asked.</param>
/// <param name="offline">The one that is always there.</param>
/// <param name="registryNames">Those that the registry names.</param>
/// <param name="missingKeys">Those of gateway.json whose key is not in the environment, and the variable that it is expected in.</param>
internal sealed class ProviderCatalog(
    IReadOnlyList<UpstreamProvider> configured,
    Provider offline,
    IEnumerable<string> registryNames,
    IReadOnlyDictionary<string, string> missingKeys)
{
    private readonly HashSet<string> _known = [.. WellKnownProviders.Names, .. registryNames, .. configured.Select(p => p.Name), .. missingKeys.Keys, offline.Name];

    /// <summary>The one that is always there.</summary>
    public Provider Offline { get; } = offline;

    /// <summary>
    /// Whether somebody gave this gateway a provider: a key, or an entry in gateway.json, with its key or without. An Ollama that is only found
    /// running is asked for its own models, and is no reason to refuse others.
    /// </summary>
    public bool IsAnyConfigured { get; } = missingKeys.Count > 0 || configured.Any(p => p.Settings.IsChosen);

    /// <summary>Indicates whether a route may name it. As on Helicone's cloud, names are case-sensitive.</summary>
    public bool IsKnown(string name) => _known.Contains(name);

    /// <summary>The provider of that name, and of that deployment if one is named.</summary>
    public Provider? Find(string name, string? deployment)
    {
        foreach (UpstreamProvider provider in configured)
        {
            if (provider.Name == name && (deployment is null || provider.Deployment == deployment))
            {
                return provider;
            }
        }

        return name == Offline.Name ? Offline : null;
    }

    /// <summary>Represents a known provider that isn't configured: every attempt fails and reports what is missing.</summary>
    public Provider Missing(string name, string? deployment)
    {
        if (deployment is not null && configured.Any(p => p.Name == name))
        {
            return new MissingProvider(name, $"The local gateway has no deployment '{deployment}' of {name}. Add one to gateway.json.");
        }

        string remedy = VariableOf(name) is { } variable
            ? $"The local gateway has no key for {name}. Set {variable} before the gateway starts{(missingKeys.ContainsKey(name) ? "." : ", or add the provider to gateway.json.")}{Hint(name)}"
            : $"The local gateway has no endpoint for {name}. Add an OpenAI-compatible endpoint with that name to gateway.json.";
        return new MissingProvider(name, remedy);
    }

    /// <summary>Represents all providers of a model when none of them is configured.</summary>
    public Provider Missing(string model, IReadOnlyList<string> providers)
    {
        // Those first that only a key is missing for.
        string[] serving = [.. providers.OrderBy(p => VariableOf(p) is null).ThenBy(PriorityOf)];
        if (serving is [var only])
        {
            return Missing(only, deployment: null);
        }

        string[] variables = [.. serving.Select(VariableOf).OfType<string>()];
        string remedy = variables.Length > 0
            ? $"Set {string.Join(" or ", variables)} before the gateway starts, add a provider to gateway.json, or name a model that a configured provider serves."
            : "Add an OpenAI-compatible endpoint with one of these names to gateway.json, or name a model that a configured provider serves.";
        return new MissingProvider(serving[0], $"The local gateway has no key for any provider of '{model}' ({string.Join(", ", serving)}). {remedy}");
    }

    private static int PriorityOf(string name) => WellKnownProviders.Find(name)?.Priority ?? WellKnownProvider.DefaultPriority;

    private string? VariableOf(string name) => missingKeys.TryGetValue(name, out string? variable) ? variable : WellKnownProviders.Find(name)?.ApiKeyVariable;

    private static string Hint(string name) => WellKnownProviders.Find(name) is { } provider
        ? $" (A Helicone key isn't a provider key, and a key next to a {provider.BaseUrlVariable} of another host isn't used.)"
        : string.Empty;
}
