using System;
using System.Globalization;
using System.IO;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;

namespace Helicone.LocalGateway.Providers;

/// <summary>How long one attempt waits for its provider: for the headers, and then for each piece of the body.</summary>
/// <remarks>Only the provider's silence counts: the clock stops while a slow client reads.</remarks>
internal sealed class ProviderPatience(TimeSpan header, TimeSpan idle, CancellationToken client) : IDisposable
{
    private readonly CancellationTokenSource _source = CancellationTokenSource.CreateLinkedTokenSource(client);

    /// <summary>The longest silence within the body. It is shorter when only the end can follow.</summary>
    public TimeSpan Idle { get; set; } = idle;

    /// <summary>Sends a call and waits for the headers of its answer.</summary>
    /// <exception cref="ProviderTimeoutException">They didn't come in time.</exception>
    public async Task<HttpResponseMessage> SendAsync(HttpMessageInvoker http, HttpRequestMessage call)
    {
        _source.CancelAfter(header);
        try
        {
            return await http.SendAsync(call, _source.Token);
        }
        catch (OperationCanceledException) when (!client.IsCancellationRequested)
        {
            // The handler gives a connection up with the same exception as the clock.
            throw new ProviderTimeoutException(_source.IsCancellationRequested ? $"no response within {Describe(header)}" : "no connection could be made in time");
        }
        finally
        {
            _source.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Reads what comes next.</summary>
    /// <exception cref="ProviderTimeoutException">Nothing came in time.</exception>
    public async ValueTask<int> ReadAsync(Stream body, Memory<byte> buffer)
    {
        _source.CancelAfter(Idle);
        try
        {
            return await body.ReadAsync(buffer, _source.Token);
        }
        catch (OperationCanceledException) when (!client.IsCancellationRequested)
        {
            throw new ProviderTimeoutException($"nothing more within {Describe(Idle)}");
        }
        finally
        {
            _source.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose() => _source.Dispose();

    private static string Describe(TimeSpan span) => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.###} s");
}
