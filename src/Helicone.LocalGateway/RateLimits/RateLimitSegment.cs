using System.Linq;
using Helicone.Attribution;
using Microsoft.AspNetCore.Http;

namespace Helicone.LocalGateway.RateLimits;

/// <summary>Finds whose bucket a call draws from.</summary>
/// <remarks>Follows Helicone/helicone worker/src/lib/rate-limit/segmentExtractor.ts @367ab424, down to how a value is cleaned: two users that it cannot tell apart share a bucket there and here.</remarks>
internal static class RateLimitSegment
{
    private const string User = "user";
    private const int LongestValue = 256;

    /// <returns>The bucket's key; <see langword="null"/> when the header is missing that would tell.</returns>
    public static string? KeyOf(RateLimitPolicy policy, IHeaderDictionary headers)
    {
        string unit = policy.Unit == RateLimitUnit.Cents ? "cents" : "request";
        if (policy.Segment is not { } segment)
        {
            return "global::" + unit;
        }

        bool isUser = segment == User;
        string value = headers[isUser ? "Helicone-User-Id" : "Helicone-Property-" + segment].ToString();
        if (value.Length == 0)
        {
            return null;
        }

        return isUser ? $"user:{Clean(value)}:{unit}" : $"prop:{segment}:{Clean(value)}:{unit}";
    }

    private static string Clean(string value)
    {
        string clean = string.Concat(value.Replace(':', '_').Where(c => c is not (< ' ' or '\x7f'))).Trim();
        return clean.Length <= LongestValue ? clean : clean[..LongestValue];
    }
}
