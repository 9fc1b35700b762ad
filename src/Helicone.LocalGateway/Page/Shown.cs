using System;
using System.Buffers;
using System.Globalization;
using System.Text;
using Helicone.LocalGateway.Log;

namespace Helicone.LocalGateway.Page;

/// <summary>How values look on the page.</summary>
internal static class Shown
{
    // Characters that change the direction of text can make it read as something else. On this page, text stays in place.
    private static readonly SearchValues<char> s_directions = SearchValues.Create("\u202A\u202B\u202C\u202D\u202E\u2066\u2067\u2068\u2069");

    /// <summary>Somebody else's text: characters that reorder what is around them become visible.</summary>
    public static string Text(string text)
    {
        if (!text.AsSpan().ContainsAny(s_directions))
        {
            return text;
        }

        StringBuilder shown = new(text.Length + 32);
        foreach (char c in text)
        {
            _ = s_directions.Contains(c) ? shown.Append(CultureInfo.InvariantCulture, $"⟦U+{(int)c:X4}⟧") : shown.Append(c);
        }

        return shown.ToString();
    }

    /// <summary>The beginning of a text, not cut within a character.</summary>
    public static string Start(string text, int most)
    {
        if (text.Length <= most)
        {
            return text;
        }

        return text[..(char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)];
    }

    /// <summary>The same in one line, with a sign where it was cut.</summary>
    public static string Line(string text, int most)
    {
        string start = Start(text, most * 2);
        string line = string.Join(' ', start.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return Text(line.Length > most || start.Length < text.Length ? Start(line, most) + "…" : line);
    }

    public static string Duration(double milliseconds) => milliseconds switch
    {
        < 1000 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds:0} ms"),
        < 60_000 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 1000:0.00} s"),
        < 3_600_000 => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(milliseconds / 60_000):0} min {milliseconds % 60_000 / 1000:00} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(milliseconds / 3_600_000):0} h {milliseconds % 3_600_000 / 60_000:00} min"),
    };

    /// <summary>A sum of costs, and how many calls it leaves out because their cost is unknown.</summary>
    public static string Spend(double cost, long unpriced) => unpriced == 0
        ? Cost(cost)
        : string.Create(CultureInfo.InvariantCulture, $"{Cost(cost == 0 ? null : cost)} ({Count(unpriced)} unpriced)");

    /// <summary>US dollars, with as many digits as small prices need; a dash when the cost is unknown.</summary>
    public static string Cost(double? cost) => cost switch
    {
        null => "—",
        0 => "$0",
        < 0.01 => string.Create(CultureInfo.InvariantCulture, $"${cost:0.000000}"),
        < 1 => string.Create(CultureInfo.InvariantCulture, $"${cost:0.0000}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"${cost:#,0.00}"),
    };

    public static string Count(long number) => number.ToString("#,0", CultureInfo.InvariantCulture);

    public static string Count(long? number) => number is { } known ? Count(known) : "–";

    public static string Share(long part, long whole) => whole == 0 ? "–" : string.Create(CultureInfo.InvariantCulture, $"{100.0 * part / whole:0.#} %");

    public static string Bytes(long length) => length switch
    {
        < 1024 => string.Create(CultureInfo.InvariantCulture, $"{length} bytes"),
        < 1024 * 1024 => string.Create(CultureInfo.InvariantCulture, $"{length / 1024.0:0.#} KB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{length / (1024.0 * 1024):0.#} MB"),
    };

    public static string Status(long status) => status == LogStatus.Cancelled ? "left early" : status.ToString(CultureInfo.InvariantCulture);

    public static bool IsGood(long status) => status is >= 200 and < 400;

    /// <summary>The mark of a status: the number shows it, and the color repeats it.</summary>
    public static Markup StatusMark(long status) => new Markup().Add($"<span class=\"status {(IsGood(status) ? "good" : "bad")}\">{Status(status)}</span>");
}
