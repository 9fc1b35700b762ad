using System;
using System.Globalization;
using Helicone.Offline.Errors;
using Microsoft.AspNetCore.Http;

namespace Helicone.LocalGateway.Requests;

/// <summary>How often and after which pauses a provider that failed is asked again (<c>Helicone-Retry-*</c>).</summary>
internal sealed record RetrySettings(int Count, double Factor, TimeSpan MinDelay, TimeSpan MaxDelay)
{
    // More than anybody means, and still an end.
    private const int MostRetries = 100;

    /// <returns><see langword="null"/> unless it was requested: a client's own retries must not be multiplied.</returns>
    public static RetrySettings? Of(IHeaderDictionary headers) => headers["Helicone-Retry-Enabled"].ToString() == "true"
        ? new RetrySettings(
            (int)Math.Clamp(Number(headers, "helicone-retry-num", 5), 0, MostRetries),
            Math.Clamp(Number(headers, "helicone-retry-factor", 2), 1, 100),
            Milliseconds(Number(headers, "helicone-retry-min-timeout", 1000)),
            Milliseconds(Number(headers, "helicone-retry-max-timeout", 10_000)))
        : null;

    /// <summary>Indicates whether another try may go better: 429 and the five hundreds, an unreachable provider among them.</summary>
    public static bool IsWorthIt(AttemptError error) => error is { Type: AttemptErrorType.RequestFailed, StatusCode: 429 or (>= 500 and <= 599) };

    /// <summary>The pause before the retry of that number, counted from 0: it grows, and is spread at random so that clients do not march in step.</summary>
    public TimeSpan DelayBefore(int retry)
    {
        double delay = MinDelay.TotalMilliseconds * Math.Pow(Factor, retry) * (1 + Random.Shared.NextDouble());
        return TimeSpan.FromMilliseconds(Math.Min(delay, MaxDelay.TotalMilliseconds));
    }

    private static double Number(IHeaderDictionary headers, string name, double otherwise) =>
        double.TryParse(headers[name].ToString(), NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? number : otherwise;

    private static TimeSpan Milliseconds(double number) => TimeSpan.FromMilliseconds(Math.Clamp(number, 0, TimeSpan.FromHours(1).TotalMilliseconds));
}
