using System;
using System.IO;
using System.Net.Http;
using System.Threading.Tasks;
using Helicone.Errors;

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
        ArraySegment<byte> body;
        try
        {
            body = await ResponseBody.ReadAsync(response, run, ResponseBody.MaxAnswerBytes, truncate: false).ConfigureAwait(false);
        }
        catch (InvalidDataException e)
        {
            throw new HeliconeException(HeliconeErrorKind.MalformedResponse, "The answer cannot be decompressed: " + e.Message, e) { StatusCode = (int)response.StatusCode };
        }
        catch (Exception e) when (e is IOException or HttpRequestException or ObjectDisposedException)
        {
            throw run.Interpret(e, partialText: null);
        }

        return response.IsSuccessStatusCode
            ? body
            : throw GatewayErrorReader.Read((int)response.StatusCode, response.Headers, body.AsSpan(), transport.Options.TimeProvider.GetUtcNow(), transport.Options.ApiKey);
    }
}
