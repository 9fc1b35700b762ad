using System;
using System.Collections.Generic;
using System.Threading.Tasks;

namespace Helicone.LocalGateway.Hosting;

/// <summary>What a gateway is made of and has to close, the last made first.</summary>
internal sealed class GatewayParts : IAsyncDisposable
{
    private readonly Stack<object> _parts = new();

    public T Keep<T>(T part)
        where T : class
    {
        _parts.Push(part);
        return part;
    }

    public async ValueTask DisposeAsync()
    {
        while (_parts.TryPop(out object? part))
        {
            if (part is IAsyncDisposable async)
            {
                await async.DisposeAsync();
            }
            else
            {
                ((IDisposable)part).Dispose();
            }
        }
    }
}
