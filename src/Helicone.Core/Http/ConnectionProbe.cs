using System;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Errors;
using Helicone.Resilience;

namespace Helicone.Http;

/// <summary>One question that costs nothing, asked once and with little patience.</summary>
internal static class ConnectionProbe
{
    private static readonly RequestOptions s_options = new() { TotalTimeout = TimeSpan.FromSeconds(20), MaxRetries = 0 };

    internal static Task<ConnectionCheck> GetAsync(HeliconeTransport transport, Uri address, CancellationToken cancellationToken) =>
        RunAsync(transport, address, async run =>
        {
            await RestCall.GetAsync(transport, run, address, authorize: false).ConfigureAwait(false);
            return true;
        }, cancellationToken);

    /// <summary>A request without a model: a gateway that accepts the key rejects the request, and one that doesn't rejects the key.</summary>
    internal static Task<ConnectionCheck> KeyAsync(HeliconeTransport transport, Uri address, CancellationToken cancellationToken) =>
        RunAsync(transport, address, async run =>
        {
            using HttpRequestMessage request = transport.CreateRequest(HttpMethod.Post, address, null, authorize: true);
            request.Content = new ByteArrayContent("{}"u8.ToArray());
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using HttpResponseMessage response = await transport.SendAsync(request, run.Token).ConfigureAwait(false);
            ArraySegment<byte> body = await ResponseBody.ReadAsync(response, run, ResponseBody.MaxErrorBytes, truncate: true).ConfigureAwait(false);
            int status = (int)response.StatusCode;
            return status is 200 or 400 or 422
                ? true
                : throw GatewayErrorReader.Read(status, response.Headers, body.AsSpan(), transport.Options.TimeProvider.GetUtcNow(), transport.Options.ApiKey);
        }, cancellationToken);

    private static async Task<ConnectionCheck> RunAsync(HeliconeTransport transport, Uri address, Func<CallRun, Task<bool>> ask, CancellationToken cancellationToken)
    {
        using CallRun run = new(transport, s_options, serverRetries: false, cancellationToken);
        try
        {
            await run.ExecuteAsync(() => ask(run)).ConfigureAwait(false);
            return new ConnectionCheck(address, true, run.Elapsed, null);
        }
        catch (HeliconeException e)
        {
            return new ConnectionCheck(address, false, run.Elapsed, e);
        }
    }
}
