using System;
using System.Globalization;

namespace Helicone.LocalGateway.Query;

/// <summary>Times on the wire.</summary>
internal static class QueryTimes
{
    /// <summary>Milliseconds since 1970. A time without an offset is UTC.</summary>
    public static bool TryParse(string text, out long time)
    {
        bool parsed = DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset value);
        time = value.ToUnixTimeMilliseconds();
        return parsed;
    }

    /// <summary>ISO 8601 with milliseconds, as JavaScript writes it.</summary>
    public static string Format(long time) => DateTimeOffset.FromUnixTimeMilliseconds(time).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
