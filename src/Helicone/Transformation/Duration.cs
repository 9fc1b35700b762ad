using System;
using System.Globalization;
using System.Management.Automation;
using System.Text.RegularExpressions;

namespace Helicone.Transformation;

/// <summary>A time as people type it: <c>90s</c>, <c>30m</c>, <c>1h</c>, <c>7d</c>, <c>1h30m</c>, <c>01:30:00</c>, a TimeSpan, or seconds.</summary>
internal static class Duration
{
    private const string Example = "Write 90s, 30m, 1h, 7d, 1h30m, a TimeSpan, or a number of seconds.";

    private static readonly Regex s_parts = new(
        @"^(?:(\d+(?:\.\d+)?)w)?(?:(\d+(?:\.\d+)?)d)?(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant,
        TimeSpan.FromSeconds(1));

    // Of a week, a day, an hour, a minute, a second, a millisecond: in the order of the groups.
    private static readonly double[] s_seconds = [604800, 86400, 3600, 60, 1, 0.001];

    /// <summary>What was typed, for a value that the parser has read in its own way.</summary>
    /// <remarks>To the parser, 7d is the decimal 7, and 1.5s is a 16-bit integer: 2. The text is still on the object around it.</remarks>
    public static object? Typed(object? input) => input switch
    {
        PSObject { BaseObject: decimal or short } number when IsWithUnit(number.ToString()) => number.ToString(),
        PSObject wrapped => wrapped.BaseObject,
        _ => input,
    };

    /// <summary>Indicates whether a text is a number with a unit, such as 7d or 1h30m.</summary>
    public static bool IsWithUnit(string text) => text.Length > 0 && s_parts.IsMatch(text);

    /// <summary>Reads a time.</summary>
    /// <exception cref="FormatException">It isn't a duration, or is out of range.</exception>
    public static TimeSpan Parse(object value) => value switch
    {
        TimeSpan time => time,
        string text => Parse(text.Trim()),
        decimal number => throw new FormatException(Decimal(number)),
        int or long or short or byte or double or float => FromSeconds(Convert.ToDouble(value, CultureInfo.InvariantCulture), value),
        _ => throw new FormatException($"'{value}' is not a time. {Example}"),
    };

    /// <summary>Why a decimal is refused: it may have been typed as a number of days.</summary>
    public static string Decimal(decimal number)
    {
        string text = number.ToString(CultureInfo.InvariantCulture);
        return $"'{text}' is a decimal, not a time. PowerShell reads {text}d in a variable or a hashtable as the decimal {text}, so the unit is lost. Write '{text}d' in quotes for days, or [int]{text} for seconds.";
    }

    private static TimeSpan Parse(string text)
    {
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out double number))
        {
            return FromSeconds(number, text);
        }

        Match match = s_parts.Match(text);
        if (match.Success && text.Length > 0)
        {
            double seconds = 0;
            for (int i = 0; i < s_seconds.Length; i++)
            {
                if (match.Groups[i + 1].Success)
                {
                    seconds += double.Parse(match.Groups[i + 1].Value, CultureInfo.InvariantCulture) * s_seconds[i];
                }
            }

            return FromSeconds(seconds, text);
        }

        return text.IndexOf(':') > 0 && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out TimeSpan time)
            ? time
            : throw new FormatException($"'{text}' is not a time. {Example}");
    }

    private static TimeSpan FromSeconds(double seconds, object value)
    {
        try
        {
            return TimeSpan.FromSeconds(seconds);
        }
        catch (Exception e) when (e is OverflowException or ArgumentException)
        {
            throw new FormatException($"'{value}' is out of range for a time. {Example}", e);
        }
    }
}
