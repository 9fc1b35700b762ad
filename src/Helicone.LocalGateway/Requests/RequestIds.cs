using System;
using Microsoft.AspNetCore.Http;

namespace Helicone.LocalGateway.Requests;

/// <summary>The id that a client proposes for its call.</summary>
internal static class RequestIds
{
    /// <summary>The client's <c>Helicone-Request-Id</c> when it is a UUID of version 1 to 5: any other is silently replaced (HeliconeHeaders.ts).</summary>
    public static string? Of(HttpRequest request)
    {
        string id = request.Headers["Helicone-Request-Id"].ToString();
        return IsAccepted(id) ? id : null;
    }

    private static bool IsAccepted(string id) =>
        Guid.TryParseExact(id, "D", out _) && id[14] is >= '1' and <= '5' && id[19] is '8' or '9' or 'a' or 'b' or 'A' or 'B';
}
