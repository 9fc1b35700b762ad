using System.Collections.Generic;
using System.Linq;

namespace Helicone.LocalGateway.Providers;

/// <summary>The providers of this gateway: who is configured, and who is at least known by name.</summary>
internal sealed class ProviderCatalog(IReadOnlyList<UpstreamProvider> configured, Provider offline, IEnumerable<string> registryNames)
{
    private readonly HashSet<string> _known = [.. WellKnownProviders.Names, .. registryNames, .. configured.Select(p => p.Name), offline.Name];

    /// <summary>The one that is always there.</summary>
    public Provider Offline { get; } = offline;

    /// <summary>Whether a route may name it. Case counts, as there.</summary>
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

    /// <summary>Stands for a known provider that nobody configured: every attempt at it fails and says what is missing.</summary>
    public static Provider Missing(string name, string? deployment) => new MissingProvider(name, deployment);
}
