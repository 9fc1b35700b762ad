using System;
using System.Globalization;
using System.Net.Http.Headers;

namespace Helicone.Errors;

/// <summary>Reads <c>retry-after-ms</c>, <c>Retry-After</c>, and Helicone's <c>Helicone-RateLimit-Reset</c>, in this order.</summary>
internal static class RetryAfterReader
{
    /// <summary>The wait that a response asks for; <see langword="null"/> if it asks for none.</summary>
    /// <param name="headers">The headers of the response.</param>
    /// <param name="now">For a <c>Retry-After</c> that is a date.</param>
    /// <param name="kind">The kind of the error: only a rate limit has a reset.</param>
    internal static TimeSpan? Read(HttpResponseHeaders headers, DateTimeOffset now, HeliconeErrorKind kind)
    {
        if (Seconds(GatewayErrorReader.Header(headers, "retry-after-ms"), 0.001) is { } milliseconds)
        {
            return milliseconds;
        }

        string? value = GatewayErrorReader.Header(headers, "Retry-After");
        if (Seconds(value, 1) is { } seconds)
        {
            return seconds;
        }

        if (value is not null && DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset date))
        {
            return Seconds((date - now).TotalSeconds);
        }

        return kind == HeliconeErrorKind.RateLimited ? Seconds(GatewayErrorReader.Header(headers, "Helicone-RateLimit-Reset"), 1) : null;
    }

    /// <summary>A wait as a number of seconds; <see langword="null"/> for an invalid value. Times in the past are 0, and the maximum is a year.</summary>
    private static TimeSpan? Seconds(string? value, double unit)
    {
        if (!double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) || double.IsNaN(number))
        {
            return null;
        }

        return Seconds(number * unit);
    }

    private static TimeSpan Seconds(double number) => TimeSpan.FromSeconds(Math.Min(Math.Max(number, 0), TimeSpan.FromDays(365).TotalSeconds));
}
