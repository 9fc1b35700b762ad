using System.Linq;
using Helicone.Attribution;
using Microsoft.AspNetCore.Http;

namespace Helicone.LocalGateway.RateLimits;

/// <summary>Finds whose bucket a call draws from.</summary>
/// <remarks>Follows Helicone/helicone worker/src/lib/rate-limit/segmentExtractor.ts @367ab424, including the sanitizing of values: users that it can't distinguish share a bucket here too.</remarks>
internal static class RateLimitSegment
{
    private const string User = "user";
    private const int LongestValue = 256;

    /// <returns>The key of the bucket; <see langword="null"/> when the header of the segment is missing.</returns>
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
