using System;
using System.Globalization;
using System.Text;
using System.Threading.Tasks;
using Helicone.LocalGateway.Authentication;
using Helicone.LocalGateway.Errors;
using Microsoft.AspNetCore.Http;

namespace Helicone.LocalGateway.Hosting;

/// <summary>How processes join the gateway and leave it: <c>POST</c> and <c>DELETE</c> on <c>/v1/gateway/user/{process id}</c>. This gateway's own; Helicone's has nothing like it.</summary>
internal sealed class UserRequests(Authenticator authenticator, GatewayUsers users)
{
    private const string Prefix = "/v1/gateway/user/";

    public static string PathOf(int processId) => Prefix + processId.ToString(CultureInfo.InvariantCulture);

    /// <returns>Indicates whether it was such a request.</returns>
    /// <exception cref="RequestRefusedException">It has no key, or the gateway is ending.</exception>
    public async ValueTask<bool> TryHandleAsync(HttpContext context)
    {
        HttpRequest request = context.Request;
        if (request.Path.Value is not { } path || !path.StartsWith(Prefix, StringComparison.Ordinal) ||
            !int.TryParse(path.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int processId))
        {
            return false;
        }

        authenticator.CheckApi(request);
        if (HttpMethods.IsPost(request.Method))
        {
            if (!users.TryAdd(processId))
            {
                throw new RequestRefusedException(410, """{"error":"The gateway is ending."}""", RequestRefusedException.Json);
            }

            await WriteAsync(context.Response, users.Count);
            return true;
        }

        if (HttpMethods.IsDelete(request.Method))
        {
            // The answer leaves before the gateway may end.
            int left = users.CountWithout(processId);
            await WriteAsync(context.Response, left);
            await context.Response.CompleteAsync();
            users.Remove(processId);
            return true;
        }

        return false;
    }

    private static async Task WriteAsync(HttpResponse response, int count)
    {
        byte[] body = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $$"""{"pid":{{Environment.ProcessId}},"users":{{count}}}"""));
        response.ContentType = RequestRefusedException.Json;
        response.ContentLength = body.Length;
        await response.BodyWriter.WriteAsync(body);
    }
}
