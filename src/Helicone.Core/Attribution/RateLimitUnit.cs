namespace Helicone.Attribution;

/// <summary>The unit of a custom rate limit.</summary>
public enum RateLimitUnit
{
    /// <summary>Calls.</summary>
    Request,

    /// <summary>US cents spent.</summary>
    Cents,
}
