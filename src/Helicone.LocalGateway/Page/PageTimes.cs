using System;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Helicone.LocalGateway.Page;

/// <summary>Times as people see and write them: in the zone of this machine, which is theirs too.</summary>
internal sealed partial class PageTimes(TimeProvider time)
{
    public long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    public string Zone => time.LocalTimeZone.Id;

    /// <summary>A whole time.</summary>
    public Markup Mark(long milliseconds) => Mark(milliseconds, "yyyy-MM-dd HH:mm:ss.fff");

    /// <summary>A time in that format, with the whole of it for machines.</summary>
    public Markup Mark(long milliseconds, string format) =>
        new Markup().Add($"<time datetime=\"{Local(milliseconds).ToString("yyyy-MM-dd'T'HH:mm:ss.fffzzz", CultureInfo.InvariantCulture)}\">{Format(milliseconds, format)}</time>");

    public string Format(long milliseconds, string format) => Local(milliseconds).ToString(format, CultureInfo.InvariantCulture);

    /// <summary>Reads <c>30m</c>, <c>7d</c> (before now) or a date.</summary>
    public bool TryParse(string text, out long milliseconds)
    {
        if (Span().Match(text) is { Success: true } match && double.TryParse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture, out double number))
        {
            double unit = match.Groups[2].Value switch { "s" => 1000, "m" => 60_000, "h" => 3_600_000, "d" => 86_400_000, _ => 7 * 86_400_000.0 };
            milliseconds = Now - (long)Math.Min(number * unit, 1e15);
            return true;
        }

        bool parsed = DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out DateTime date);
        DateTime utc = parsed && date.Kind == DateTimeKind.Unspecified && !time.LocalTimeZone.IsInvalidTime(date) ? TimeZoneInfo.ConvertTimeToUtc(date, time.LocalTimeZone) : date;
        milliseconds = new DateTimeOffset(DateTime.SpecifyKind(utc, DateTimeKind.Utc)).ToUnixTimeMilliseconds();
        return parsed;
    }

    private DateTimeOffset Local(long milliseconds) => TimeZoneInfo.ConvertTime(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds), time.LocalTimeZone);

    [GeneratedRegex(@"^\s*(\d+(?:\.\d+)?)\s*([smhdw])\s*\z")]
    private static partial Regex Span();
}
