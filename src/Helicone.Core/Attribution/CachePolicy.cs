using System;
using System.Globalization;

namespace Helicone.Attribution;

/// <summary>Indicates whether and how a call uses Helicone's response cache.</summary>
/// <remarks>Helicone/helicone worker/src/lib/util/cache/cacheSettings.ts @1db58fad: the TTL comes from <c>Cache-Control</c>, 7 days by default and 365 days at most.</remarks>
public sealed record CachePolicy
{
    /// <summary>The most slots that Helicone allows a bucket to have.</summary>
    public const int MaxBucketSize = 20;

    /// <summary>The longest time that Helicone keeps an answer.</summary>
    public static readonly TimeSpan MaxMaxAge = TimeSpan.FromDays(365);

    private readonly TimeSpan? _maxAge;
    private readonly string? _seed;
    private readonly int? _bucketSize;

    /// <summary>The maximum age of a cached answer: 1 s to 365 days; Helicone's default of 7 days when <see langword="null"/>.</summary>
    /// <exception cref="ArgumentException">Out of range.</exception>
    public TimeSpan? MaxAge
    {
        get => _maxAge;
        init => _maxAge = value is { } age && (age < TimeSpan.FromSeconds(1) || age > MaxMaxAge)
            ? throw new ArgumentException($"A cache age of {age} is out of range: 1 second to 365 days.", nameof(MaxAge))
            : value;
    }

    /// <summary>A namespace: calls with another seed do not share answers.</summary>
    /// <exception cref="ArgumentException">Empty, or not fit for a header.</exception>
    public string? Seed
    {
        get => _seed;
        init
        {
            if (value is not null)
            {
                HeaderRules.CheckValue("Helicone-Cache-Seed", value);
                if (value.Length == 0)
                {
                    throw new ArgumentException("A cache seed is empty.", nameof(Seed));
                }
            }

            _seed = value;
        }
    }

    /// <summary>The number of different answers to store before one of them is returned: 1 to 20.</summary>
    /// <exception cref="ArgumentException">Out of range; Helicone would answer 500.</exception>
    public int? BucketSize
    {
        get => _bucketSize;
        init => _bucketSize = value is < 1 or > MaxBucketSize
            ? throw new ArgumentException($"A cache bucket size of {value} is out of range: 1 to {MaxBucketSize}.", nameof(BucketSize))
            : value;
    }

    /// <summary>Writes the cache headers.</summary>
    internal void WriteTo(HeaderSink headers)
    {
        headers.Set("Helicone-Cache-Enabled", "true");
        if (MaxAge is { } age)
        {
            headers.Set("Cache-Control", "max-age=" + ((long)age.TotalSeconds).ToString(CultureInfo.InvariantCulture));
        }

        if (Seed is { } seed)
        {
            headers.Set("Helicone-Cache-Seed", seed);
        }

        if (BucketSize is { } size)
        {
            headers.Set("Helicone-Cache-Bucket-Max-Size", size.ToString(CultureInfo.InvariantCulture));
        }
    }
}
