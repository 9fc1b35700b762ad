using System;
using System.Collections.Frozen;
using System.Collections.Generic;
using System.Net.Http;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Helicone.LocalGateway.Providers;

/// <summary>Which headers pass through the gateway.</summary>
internal static class ForwardedHeaders
{
    // Of this connection, of this gateway, or a browser's: none of the provider's business. Keys above all.
    private static readonly FrozenSet<string> s_kept = new[]
    {
        "Accept-Encoding", "Api-Key", "Authorization", "Connection", "Content-Encoding", "Content-Length", "Content-Type", "Cookie", "Expect", "Host",
        "Keep-Alive", "Origin", "Proxy-Authorization", "Proxy-Connection", "Referer", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "X-Api-Key",
        "X-Stripe-Customer-Id",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    // What a caller may want from a provider's answer: its own request id, its limits, its timing.
    private static readonly string[] s_passedBack = ["x-request-id", "request-id", "x-ratelimit-", "openai-", "anthropic-"];

    /// <summary>Everything else goes on, <c>helicone-*</c> never.</summary>
    public static void CopyRequest(IHeaderDictionary from, HttpRequestHeaders to)
    {
        foreach (KeyValuePair<string, StringValues> header in from)
        {
            bool kept = s_kept.Contains(header.Key) ||
                header.Key.StartsWith("helicone-", StringComparison.OrdinalIgnoreCase) ||
                header.Key.StartsWith("Sec-", StringComparison.OrdinalIgnoreCase);
            if (!kept)
            {
                to.TryAddWithoutValidation(header.Key, (IEnumerable<string?>)header.Value);
            }
        }
    }

    public static IReadOnlyList<KeyValuePair<string, string>> OfResponse(HttpResponseMessage response)
    {
        List<KeyValuePair<string, string>> headers = [];
        foreach (KeyValuePair<string, HeaderStringValues> header in response.Headers.NonValidated)
        {
            foreach (string prefix in s_passedBack)
            {
                if (header.Key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                {
                    string value = header.Value.ToString();
                    if (!value.AsSpan().ContainsAnyExceptInRange(' ', '~'))
                    {
                        headers.Add(new(header.Key, value));
                    }

                    break;
                }
            }
        }

        return headers;
    }
}
