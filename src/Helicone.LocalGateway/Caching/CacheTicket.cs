namespace Helicone.LocalGateway.Caching;

/// <summary>One attempt's business with the cache.</summary>
internal readonly record struct CacheTicket(CacheSettings Settings, string Key);
