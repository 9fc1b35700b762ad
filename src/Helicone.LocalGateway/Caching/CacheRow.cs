namespace Helicone.LocalGateway.Caching;

/// <summary>An answer in the file, without its body.</summary>
internal readonly record struct CacheRow(long Id, CachedAnswer Answer, long UsedAt);
