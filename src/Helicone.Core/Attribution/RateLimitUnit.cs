namespace Helicone.Attribution;

/// <summary>What a custom rate limit counts.</summary>
public enum RateLimitUnit
{
    /// <summary>Calls.</summary>
    Request,

    /// <summary>US cents spent.</summary>
    Cents,
}
