using System.Threading;
using System.Threading.Tasks;
using Microsoft.Extensions.Hosting;

namespace Helicone.LocalGateway.Hosting;

/// <summary>Ends on request and ignores signals, unlike the default lifetime of a host.</summary>
internal sealed class HostedLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
