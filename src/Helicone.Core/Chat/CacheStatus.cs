namespace Helicone.Chat;

/// <summary>The result of Helicone's response cache for a call (<c>Helicone-Cache</c>).</summary>
public enum CacheStatus
{
    /// <summary>The call did not ask for the cache.</summary>
    None,

    /// <summary>Asked for, and answered by a provider.</summary>
    Miss,

    /// <summary>Answered from the cache: it cost nothing.</summary>
    Hit,
}
