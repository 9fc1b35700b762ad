using System;
using System.Net.Http;
using System.Threading.Tasks;
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
        return response.IsSuccessStatusCode
            ? await ResponseBody.ReadAsync(response, run, ResponseBody.MaxAnswerBytes, truncate: false).ConfigureAwait(false)
            : throw await ResponseBody.ReadErrorAsync(response, run, run.Watchdog, transport.Options).ConfigureAwait(false);
    }
}
