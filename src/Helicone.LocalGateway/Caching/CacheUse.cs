using System;

namespace Helicone.LocalGateway.Caching;

/// <summary>That an answer in the file was served again.</summary>
internal readonly record struct CacheUse(long Id, DateTimeOffset At);
