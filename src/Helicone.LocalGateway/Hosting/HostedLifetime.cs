using System.Threading;
using System.Threading.Tasks;
using Microsoft.Extensions.Hosting;

namespace Helicone.LocalGateway.Hosting;

/// <summary>Ends when it is told to and listens to no signal, unlike the lifetime that a host has by default.</summary>
internal sealed class HostedLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
