using System;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Helicone.LocalGateway.Query;

/// <summary>
/// Signs <c>signed_body_url</c>, which opens the bodies of one call without a key. Helicone's cloud presigns URLs of its storage, and its tools
/// fetch them without an <c>Authorization</c> header.
/// </summary>
internal sealed class SignedBodyUrls(TimeProvider time)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    // Kept in memory only: the URLs end with the gateway.
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);

    /// <summary>Returns a function that creates the URL for a call, at the address at which the client reached the gateway.</summary>
    public Func<Guid, string> For(HttpRequest request)
    {
        // LoopbackGuard has checked the host.
        string origin = $"{request.Scheme}://{request.Host}";
        long expires = (time.GetUtcNow() + Lifetime).ToUnixTimeSeconds();
        return id => FormattableString.Invariant($"{origin}/v1/request/{id}/body?expires={expires}&signature={Convert.ToHexStringLower(Sign(id, expires))}");
    }

    /// <summary>Reads the call's ID from a URL.</summary>
    /// <exception cref="QueryRefusedException">403: the signature is for another call or time, or the URL has expired.</exception>
    public Guid Check(HttpRequest request, string requestId)
    {
        // The signature is checked first: only a URL that was issued here is reported as expired.
        if (!Guid.TryParse(requestId, out Guid id)
            || !long.TryParse(request.Query["expires"], NumberStyles.None, CultureInfo.InvariantCulture, out long expires)
            || !CryptographicOperations.FixedTimeEquals(
                Encoding.UTF8.GetBytes(Convert.ToHexStringLower(Sign(id, expires))),
                Encoding.UTF8.GetBytes(request.Query["signature"].ToString())))
        {
            throw new QueryRefusedException("The URL isn't signed by this gateway process. Query the request again for its signed_body_url.", 403);
        }

        return time.GetUtcNow().ToUnixTimeSeconds() < expires
            ? id
            : throw new QueryRefusedException("The URL has expired. Query the request again for a new signed_body_url.", 403);
    }

    private byte[] Sign(Guid id, long expires) => HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(FormattableString.Invariant($"{id:N}:{expires}")));
}
