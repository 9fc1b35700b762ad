using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;
using Helicone.LocalGateway.Errors;
using Microsoft.AspNetCore.Http;

namespace Helicone.LocalGateway.Caching;

/// <summary>What a call wants of the cache.</summary>
/// <param name="Reads">Indicates whether an answer that is there will do.</param>
/// <param name="Saves">Indicates whether its answer is stored.</param>
/// <param name="MaxAge">For how long.</param>
/// <param name="BucketSize">How many answers to collect before one is served again; less than 1 never is.</param>
/// <param name="Seed">A namespace.</param>
/// <param name="IgnoredKeys">Members of the body that don't distinguish calls.</param>
/// <remarks>Follows Helicone/helicone worker/src/lib/util/cache/cacheSettings.ts @1db58fad, including the way it reads numbers.</remarks>
internal sealed partial record CacheSettings(bool Reads, bool Saves, TimeSpan MaxAge, int BucketSize, string Seed, IReadOnlyList<string> IgnoredKeys)
{
    private const int LargestBucket = 20;

    private static readonly TimeSpan s_defaultMaxAge = TimeSpan.FromDays(7);
    private static readonly TimeSpan s_longestMaxAge = TimeSpan.FromDays(365);

    /// <returns><see langword="null"/> for a call that did not ask for the cache.</returns>
    /// <exception cref="RequestRefusedException">500, as on Helicone's cloud: the bucket is too large.</exception>
    public static CacheSettings? Of(IHeaderDictionary headers)
    {
        // Checked there before anybody asks whether the cache is wanted.
        int bucketSize = BucketSizeOf(headers["Helicone-Cache-Bucket-Max-Size"].ToString());
        bool enabled = IsTrue(headers, "Helicone-Cache-Enabled");
        bool reads = enabled || IsTrue(headers, "Helicone-Cache-Read");
        bool saves = enabled || IsTrue(headers, "Helicone-Cache-Save");
        return reads || saves
            ? new CacheSettings(
                reads,
                saves,
                MaxAgeOf(headers.CacheControl.ToString()),
                bucketSize,
                headers["Helicone-Cache-Seed"].ToString(),
                KeysOf(headers["Helicone-Cache-Ignore-Keys"].ToString()))
            : null;
    }

    private static bool IsTrue(IHeaderDictionary headers, string name) => headers[name].ToString().Equals("true", StringComparison.OrdinalIgnoreCase);

    private static int BucketSizeOf(string text)
    {
        if (text.Length == 0)
        {
            return 1;
        }

        // "3 answers" is 3 to parseInt, and "many" is NaN: a bucket that is never full.
        int size = LeadingDigits().Match(text) is { Success: true } digits
            ? int.TryParse(digits.ValueSpan, NumberStyles.Integer, CultureInfo.InvariantCulture, out int number) ? number : int.MaxValue
            : 0;
        return size <= LargestBucket ? size : throw new RequestRefusedException(500, $"Cache bucket size cannot be greater than {LargestBucket}");
    }

    private static TimeSpan MaxAgeOf(string cacheControl)
    {
        Match match = SharedMaxAge().Match(cacheControl) is { Success: true } shared ? shared : MaxAgeDirective().Match(cacheControl);
        if (!match.Success)
        {
            return s_defaultMaxAge;
        }

        return long.TryParse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds) && seconds < (long)s_longestMaxAge.TotalSeconds
            ? TimeSpan.FromSeconds(seconds)
            : s_longestMaxAge;
    }

    /// <summary>Reads <c>a,b</c>, as documented, and <c>"a","b"</c>, as an older gateway of Helicone's wants it.</summary>
    private static string[] KeysOf(string text) => text.Length == 0
        ? []
        : [.. text.Split(',', StringSplitOptions.TrimEntries).Select(k => k.Trim('"').Trim()).Where(k => k.Length > 0)];

    [GeneratedRegex(@"^\s*[+-]?[0-9]+")]
    private static partial Regex LeadingDigits();

    [GeneratedRegex("s-maxage=([0-9]+)")]
    private static partial Regex SharedMaxAge();

    [GeneratedRegex("max-age=([0-9]+)")]
    private static partial Regex MaxAgeDirective();
}
