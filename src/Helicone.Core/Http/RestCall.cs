using System;
using System.Net.Http;
using System.Threading.Tasks;
using Helicone.Errors;
using Helicone.Resilience;

namespace Helicone.Http;

/// <summary>One attempt at a plain request of the REST API: the body of a success, or the error.</summary>
internal static class RestCall
{
    internal static async Task<ArraySegment<byte>> GetAsync(HeliconeTransport transport, CallRun run, Uri uri, bool authorize)
    {
        using HttpRequestMessage request = transport.CreateRequest(HttpMethod.Get, uri, null, authorize);
        request.Headers.TryAddWithoutValidation("Accept", "application/json");
        return await SendAsync(transport, run, request).ConfigureAwait(false);
    }

    internal static async Task<ArraySegment<byte>> SendAsync(HeliconeTransport transport, CallRun run, HttpRequestMessage request)
    {
        using HttpResponseMessage response = await transport.SendAsync(request, run.Token).ConfigureAwait(false);
        bool ok = response.IsSuccessStatusCode;
        ArraySegment<byte> body = await ResponseBody.ReadAsync(response, run, ok ? ResponseBody.MaxAnswerBytes : ResponseBody.MaxErrorBytes, truncate: !ok).ConfigureAwait(false);
        return ok
            ? body
            : throw GatewayErrorReader.Read((int)response.StatusCode, response.Headers, body.AsSpan(), transport.Options.TimeProvider.GetUtcNow(), transport.Options.ApiKey);
    }
}
