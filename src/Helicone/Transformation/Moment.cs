using System;
using System.Globalization;

namespace Helicone.Transformation;

/// <summary>A point in time as people type it: <c>7d</c> for so long ago, a date, a DateTime.</summary>
internal static class Moment
{
    private const string Example = "Write 7d or 90m for that long ago, a date such as 2026-01-31 or '2026-01-31 08:00', or a DateTime.";

    /// <summary>Now, on the clock of this machine.</summary>
#pragma warning disable RS0030 // A text such as '7d' is read before there is a client with a clock.
    public static DateTime Now => DateTime.Now;
#pragma warning restore RS0030

    /// <summary>Reads a time, as local time.</summary>
    /// <exception cref="FormatException">It isn't a time.</exception>
    public static DateTime Parse(object value)
    {
        switch (value)
        {
            case DateTime { Kind: DateTimeKind.Utc } time:
                return time.ToLocalTime();
            case DateTime time:
                // A time without a zone is local time.
                return DateTime.SpecifyKind(time, DateTimeKind.Local);
            case DateTimeOffset time:
                return time.LocalDateTime;
            case TimeSpan span:
                return Ago(span, value);
            case string text when Duration.IsWithUnit(text.Trim()):
                return Ago(Duration.Parse(text), value);
            case string text when !IsNumber(text) && DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal | DateTimeStyles.AllowWhiteSpaces, out DateTime time):
                return time;
            case decimal number:
                throw new FormatException(Duration.Decimal(number));
            default:
                // A bare number could be seconds or days; neither is a guess worth a wrong report.
                throw new FormatException($"'{value}' is not a time. {Example}");
        }
    }

    private static bool IsNumber(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    private static DateTime Ago(TimeSpan span, object value)
    {
        try
        {
            return Now - span;
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw new FormatException($"'{value}' ago is out of range for a date. {Example}", e);
        }
    }
}
