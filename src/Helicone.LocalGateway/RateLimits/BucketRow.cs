using System;

namespace Helicone.LocalGateway.RateLimits;

/// <summary>A bucket as it is written down.</summary>
internal readonly record struct BucketRow(string Key, double Tokens, DateTimeOffset RefilledAt, string Policy, DateTimeOffset FullAt)
{
    public static BucketRow Of(string key, TokenBucket bucket) => new(key, bucket.Tokens, bucket.RefilledAt, bucket.Policy, bucket.FullAt);
}
