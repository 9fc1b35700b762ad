using System;
using System.Collections;
using System.Globalization;
using System.Linq;
using System.Management.Automation;

namespace Helicone.Formatting;

/// <summary>Renders one value of a table or list. Called by Helicone.Format.ps1xml, for objects as well as their deserialized copies.</summary>
public static class Cell
{
    /// <summary>The text for an unknown cost. It is never shown as zero, nor left blank.</summary>
    internal const string Unknown = "?";

    /// <summary>A value as one line of text without anything that would drive the terminal.</summary>
    public static string? Text(object? value) => Plain(value) is { } text ? TerminalText.ShowLine(text) : null;

    /// <summary>Several values on one line, without those that are empty.</summary>
    public static string Join(object?[] values) => string.Join(" · ", values.Select(Text).Where(static text => !string.IsNullOrEmpty(text)));

    /// <summary>The same for text of several lines.</summary>
    public static string? Lines(object? value) => Plain(value) is { } text ? TerminalText.Show(text) : null;

    /// <summary>US dollars: <c>$0.0723</c>, <c>$12.40</c>, <c>$0.000025</c>.</summary>
    public static string Money(object? value) => value is null ? Unknown : Dollars(Convert.ToDecimal(Unwrap(value), CultureInfo.InvariantCulture));

    /// <summary>A sum that may leave calls out: <c>$0.0723 + 2?</c> when the cost of two calls is unknown.</summary>
    /// <param name="cost">The sum of the known costs.</param>
    /// <param name="unpriced">The number of calls that aren't in it.</param>
    public static string Total(object? cost, object? unpriced)
    {
        long missing = unpriced is null ? 0 : Convert.ToInt64(Unwrap(unpriced), CultureInfo.InvariantCulture);
        return missing == 0 || cost is null ? Money(cost) : string.Format(CultureInfo.InvariantCulture, "{0} + {1}{2}", Money(cost), missing, Unknown);
    }

    /// <summary>A number of tokens: <c>1,234</c>, or <c>~1,234</c> when it is an estimate.</summary>
    public static string Tokens(object? count, object? isEstimate) =>
        (LanguagePrimitives.IsTrue(isEstimate) ? "~" : string.Empty) + Convert.ToInt64(Unwrap(count), CultureInfo.InvariantCulture).ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A duration: <c>303 ms</c>, <c>4.2 s</c>, <c>2m 05s</c>.</summary>
    public static string? Duration(object? value) => Unwrap(value) is TimeSpan duration ? Elapsed(duration) : null;

    /// <summary>A moment in local time. A deserialized one is an object with the same properties.</summary>
    public static string? Time(object? value, string format) => value switch
    {
        null => null,
        PSObject { BaseObject: DateTimeOffset or DateTime } wrapped => Time(wrapped.BaseObject, format),
        PSObject copy when copy.Properties["LocalDateTime"]?.Value is { } local => Time(local, format),
        DateTimeOffset moment => moment.LocalDateTime.ToString(format, CultureInfo.InvariantCulture),
        DateTime moment => moment.ToString(format, CultureInfo.InvariantCulture),
        _ => Text(value),
    };

    internal static string Elapsed(TimeSpan duration)
    {
        double milliseconds = Math.Round(duration.TotalMilliseconds);
        double tenths = Math.Round(duration.TotalSeconds, 1);
        return milliseconds < 1000 ? milliseconds.ToString("0", CultureInfo.InvariantCulture) + " ms"
            : tenths < 60 ? tenths.ToString("0.0", CultureInfo.InvariantCulture) + " s"
            : string.Format(CultureInfo.InvariantCulture, "{0}m {1:00}s", (long)duration.TotalMinutes, duration.Seconds);
    }

    // Four decimals as on an invoice, more only where they would all be zeros.
    private static string Dollars(decimal value) => value switch
    {
        0 => "$0",
        < 0 => "-" + Dollars(-value),
        < 0.00000001m => "<$0.00000001",
        < 0.001m => "$" + value.ToString("0.0000####", CultureInfo.InvariantCulture),
        < 1 => "$" + value.ToString("0.0000", CultureInfo.InvariantCulture),
        _ => "$" + value.ToString("#,##0.00", CultureInfo.InvariantCulture),
    };

    private static string? Plain(object? value) => Unwrap(value) switch
    {
        null => null,
        string text => text,
        IDictionary pairs => string.Join("; ", pairs.Keys.Cast<object>().Select(name => name + "=" + Plain(pairs[name])).OrderBy(static pair => pair, StringComparer.OrdinalIgnoreCase)),
        IEnumerable items => string.Join(", ", items.Cast<object?>().Select(Plain)),
        IFormattable formattable and not Enum => formattable.ToString(null, CultureInfo.InvariantCulture),

        // The wrapper of a deserialized object has the text of the original.
        _ => value!.ToString(),
    };

    private static object? Unwrap(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;
}
