using System;
using System.Net;
using Helicone.LocalGateway.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Helicone.LocalGateway.Authentication;

/// <summary>Keeps web pages out: a name that an attacker rebinds to 127.0.0.1 still arrives as that name.</summary>
internal static class LoopbackGuard
{
    /// <exception cref="RequestRefusedException">421 for a host, 403 for an origin, that is not this machine.</exception>
    public static void Check(HttpRequest request)
    {
        if (!IsLoopback(request.Host.Host))
        {
            throw new RequestRefusedException(421, "The local gateway accepts only the hosts localhost, 127.0.0.1, and [::1].");
        }

        StringValues origin = request.Headers.Origin;
        if (origin.Count > 0 && !(Uri.TryCreate(origin.ToString(), UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https" && IsLoopback(uri.Host)))
        {
            throw new RequestRefusedException(403, "The local gateway rejects requests of other origins.");
        }
    }

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out IPAddress? address) && IPAddress.IsLoopback(address));
}
