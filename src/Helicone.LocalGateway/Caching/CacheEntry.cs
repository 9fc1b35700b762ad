using System;

namespace Helicone.LocalGateway.Caching;

/// <summary>An answer on its way into the cache.</summary>
internal sealed record CacheEntry(string Key, CachedAnswer Answer, DateTimeOffset ExpiresAt, DateTimeOffset UsedAt)
{
    /// <summary>What it takes, about.</summary>
    public int Size => Answer.Body.Length + 512;
}
