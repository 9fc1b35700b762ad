using System;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Http;

namespace Helicone.Registry;

/// <summary>The models of the gateway, cached on disk for a day.</summary>
public sealed class ModelRegistryClient
{
    private readonly HeliconeTransport _transport;

    internal ModelRegistryClient(HeliconeTransport transport) => _transport = transport;

    /// <summary>The registry: from memory or disk when younger than a day, else from the network.</summary>
    /// <param name="refresh">Asks the network whatever the age.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="Errors.HeliconeException">There is none to be had.</exception>
    public Task<ModelRegistry> GetAsync(bool refresh, CancellationToken cancellationToken) => throw new NotSupportedException(_transport.ToString());

    /// <summary>What memory or disk has, of whatever age; never the network. For Tab completion.</summary>
    public ModelRegistry? TryGetCached() => throw new NotSupportedException();
}
