using System;

namespace Helicone.LocalGateway.Requests;

/// <summary>The ids that clients propose for their calls (<c>Helicone-Request-Id</c>).</summary>
internal static class RequestIdHeader
{
    /// <summary>The id when it is a UUID of version 1 to 5: any other is silently replaced (Helicone/helicone worker/src/lib/models/HeliconeHeaders.ts @a94112d4).</summary>
    public static string? Accept(string? id) => id is not null && IsAccepted(id) ? id : null;

    private static bool IsAccepted(string id) =>
        Guid.TryParseExact(id, "D", out _) && id[14] is >= '1' and <= '5' && id[19] is '8' or '9' or 'a' or 'b' or 'A' or 'B';
}
