using System;
using System.Collections.Frozen;
using System.Collections.Generic;
using System.Globalization;
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

    /// <summary>How long the provider wants to be left alone.</summary>
    public static TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        // OpenAI's, and more precise.
        if (response.Headers.NonValidated.TryGetValues("retry-after-ms", out HeaderStringValues text) &&
            double.TryParse(text.ToString(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double milliseconds))
        {
            return Bounded(milliseconds / 1000);
        }

        if (response.Headers.NonValidated.TryGetValues("Retry-After", out text))
        {
            return double.TryParse(text.ToString(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds) ? Bounded(seconds)
                : DateTimeOffset.TryParse(text.ToString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset date) && response.Headers.Date is { } sent ? Bounded((date - sent).TotalSeconds)
                : null;
        }

        return null;
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

    // A year is as good as never, and fits into every header.
    private static TimeSpan Bounded(double seconds) => TimeSpan.FromSeconds(Math.Clamp(seconds, 0, 31_536_000));
}
