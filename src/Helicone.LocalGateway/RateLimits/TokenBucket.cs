using System;
using Helicone.Attribution;

namespace Helicone.LocalGateway.RateLimits;

/// <summary>How much is left to one segment: full at first, and filled again evenly over the policy's window.</summary>
/// <remarks>
/// Follows Helicone/helicone worker/src/lib/durable-objects/BucketRateLimiterDO.ts @92ee87de. A bucket belongs to a segment and a unit, not to a policy: under another policy it keeps what is left, as far
/// as that fits.
/// </remarks>
internal sealed class TokenBucket(double tokens, DateTimeOffset refilledAt, string policy)
{
    /// <summary>What is left. Below zero after an answer that cost more than there was.</summary>
    public double Tokens { get; private set; } = tokens;

    public DateTimeOffset RefilledAt { get; private set; } = refilledAt;

    /// <summary>The policy it was last used under.</summary>
    public string Policy { get; private set; } = policy;

    /// <summary>When it will be as full as it gets: from then on it is no different from a new one.</summary>
    public DateTimeOffset FullAt { get; private set; } = refilledAt;

    /// <summary>Indicates whether it was changed since it was last written down.</summary>
    public bool IsDirty { get; set; }

    public static TokenBucket Full(RateLimitPolicy policy, DateTimeOffset now) => new(policy.Quota, now, policy.ToString());

    /// <summary>Brings it up to this moment.</summary>
    public void Refill(RateLimitPolicy policy, DateTimeOffset now)
    {
        string text = policy.ToString();
        if (Policy != text)
        {
            Policy = text;
            Tokens = Math.Min(Tokens, policy.Quota);
            RefilledAt = now;
        }

        double elapsed = (now - RefilledAt).TotalSeconds;
        if (elapsed > 0)
        {
            Tokens = Math.Min(policy.Quota, Tokens + (elapsed * RefillPerSecond(policy)));
            RefilledAt = now;
        }

        else if (elapsed < 0)
        {
            // The clock was set back. Counted from its old time, nothing would come in until it is that late again.
            RefilledAt = now;
            IsDirty = true;
        }

        FullAt = RefilledAt + TimeUntilFull(policy);
    }

    public void Take(RateLimitPolicy policy, double tokens)
    {
        Tokens -= tokens;
        FullAt = RefilledAt + TimeUntilFull(policy);
        IsDirty = true;
    }

    /// <summary>The value of <c>Helicone-RateLimit-Reset</c>: whole seconds until it is full.</summary>
    public long SecondsUntilFull(RateLimitPolicy policy) => (long)Math.Ceiling(Math.Max(0, (policy.Quota - Tokens) / RefillPerSecond(policy)));

    private TimeSpan TimeUntilFull(RateLimitPolicy policy) => TimeSpan.FromSeconds(Math.Min(SecondsUntilFull(policy), (long)TimeSpan.FromDays(3650).TotalSeconds));

    private static double RefillPerSecond(RateLimitPolicy policy) => policy.Quota / policy.Window.TotalSeconds;
}
