using System.Globalization;
using Helicone.Attribution;
using Microsoft.AspNetCore.Http;

namespace Helicone.LocalGateway.RateLimits;

/// <summary>The result of a rate limit for a call.</summary>
/// <param name="Policy">The limit.</param>
/// <param name="Key">Whose.</param>
/// <param name="IsAllowed">Indicates whether the call may go on.</param>
/// <param name="Remaining">How many are left after it, in whole requests or cents.</param>
/// <param name="ResetSeconds">When all of them will be there again.</param>
internal sealed record RateLimitAdmission(RateLimitPolicy Policy, string Key, bool IsAllowed, long Remaining, long ResetSeconds)
{
    /// <summary>The sentence for the one who has to wait.</summary>
    public string Refusal
    {
        get
        {
            string unit = Policy.Unit == RateLimitUnit.Cents ? "cents" : "requests";
            return string.Create(
                CultureInfo.InvariantCulture,
                $"The rate limit '{Policy}' is reached: {Policy.Quota} {unit} per {Policy.Window.TotalSeconds:0} seconds. All of it is there again in {ResetSeconds} seconds.");
        }
    }

    /// <summary>Writes the headers, also for calls that are admitted.</summary>
    public void WriteTo(IHeaderDictionary headers)
    {
        headers["Helicone-RateLimit-Limit"] = Policy.Quota.ToString(CultureInfo.InvariantCulture);
        headers["Helicone-RateLimit-Remaining"] = Remaining.ToString(CultureInfo.InvariantCulture);
        headers["Helicone-RateLimit-Policy"] = Policy.ToString();
        if (ResetSeconds > 0)
        {
            headers["Helicone-RateLimit-Reset"] = ResetSeconds.ToString(CultureInfo.InvariantCulture);
        }

        if (!IsAllowed)
        {
            headers["X-Helicone-Error"] = "rate_limited";
        }
    }
}
