using System;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;

namespace Helicone.Offline.Schemas;

/// <summary>Texts of a length, a format and patterns.</summary>
internal static class TextSample
{
    private const int LongestText = 1_000_000;
    private const int MostRepeats = 300;
    private const int MostTries = 100;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    public static string Create(SchemaShape shape, SchemaChoices choices, int number)
    {
        if (shape.MinLength > shape.MaxLength || shape.MinLength > LongestText)
        {
            throw new UnmetSchemaException($"No text has at least {shape.MinLength} and at most {shape.MaxLength} characters.");
        }

        string[] formatted = [.. shape.Formats.SelectMany(f => FormatSample.Candidates(f, number))];
        if (formatted.Length > 0)
        {
            string[] fitting = [.. formatted.Where(t => Fits(shape, t)).DefaultIfEmpty(formatted[0])];
            return fitting[choices.Choose(fitting.Length)];
        }

        return shape.Patterns.Count > 0 ? Matching(shape, choices, number) : Plain(shape, choices, number);
    }

    private static bool Fits(SchemaShape shape, string text) =>
        text.Length >= shape.MinLength && text.Length <= shape.MaxLength && shape.Patterns.TrueForAll(p => Regex.IsMatch(text, p, RegexOptions.CultureInvariant, s_patience));

    private static string Matching(SchemaShape shape, SchemaChoices choices, int number)
    {
        string pattern = shape.Patterns[choices.Choose(shape.Patterns.Count)];
        PatternNode node = PatternParser.Parse(pattern);
        PatternWriter writer = new(choices);

        // What a pattern looks ahead for isn't written: other characters are tried until it is there by chance.
        int most = pattern.Contains("(?", StringComparison.Ordinal) || shape.Patterns.Count > 1 ? MostTries : 1;
        for (int repeats = 0; repeats < MostRepeats; repeats++)
        {
            string text = string.Empty;
            for (int other = 0; other < most; other++)
            {
                (text, bool isExhausted) = writer.Write(node, repeats, number + other);
                text += isExhausted ? number.ToString(CultureInfo.InvariantCulture) : string.Empty;
                foreach (string candidate in (string[])[text, text.PadRight((int)shape.MinLength, 'a'), text.PadLeft((int)shape.MinLength, 'a')])
                {
                    if (Fits(shape, candidate))
                    {
                        return candidate;
                    }
                }
            }

            if (text.Length > shape.MaxLength)
            {
                break;
            }
        }

        throw new UnmetSchemaException($"No text was found that matches '{pattern}'.");
    }

    private static string Plain(SchemaShape shape, SchemaChoices choices, int number)
    {
        string n = number == 0 ? string.Empty : number.ToString(CultureInfo.InvariantCulture);
        string text = choices.Choose(2) == 0 ? OfflineReplies.Marker + (n.Length > 0 ? " " + n : string.Empty) : "offline" + n;
        if (text.Length > shape.MaxLength)
        {
            // What differs stands at the end.
            int length = (int)shape.MaxLength;
            text = n.Length <= length ? text[..(length - n.Length)] + n : n[^length..];
        }

        return text.PadRight((int)shape.MinLength, '.');
    }
}
