using System.Globalization;
using System.Text;

namespace Helicone;

/// <summary>Makes text from models, servers, and users safe to show: what would drive a terminal, reorder a line, or hide is shown as a visible symbol.</summary>
/// <remarks>Every view, message, and error goes through here. The objects keep the text as it came.</remarks>
public static class TerminalText
{
    /// <summary>Text of any number of lines. Line breaks and tabs stay.</summary>
    /// <returns>The same string when it contains nothing to replace.</returns>
    public static string Show(string? text) => Replace(text, oneLine: false);

    /// <summary>Text for a place that has a single line, such as a table cell: line breaks are shown as symbols, and tabs as spaces.</summary>
    public static string ShowLine(string? text) => Replace(text, oneLine: true);

    private static string Replace(string? text, bool oneLine)
    {
        int first = 0;
        while (first < text?.Length && IsPlain(text[first]))
        {
            first++;
        }

        if (text is null || first == text.Length)
        {
            return text ?? string.Empty;
        }

        StringBuilder shown = new(text, 0, first, text.Length + 16);
        for (int i = first; i < text.Length; i++)
        {
            char c = text[i];
            if (IsPlain(c))
            {
                shown.Append(c);
            }
            else if (c == '\r' && i + 1 < text.Length && text[i + 1] == '\n')
            {
                // The line break follows.
            }
            else if (c == '\n')
            {
                shown.Append(oneLine ? '\u240A' : c);
            }
            else if (c == '\t')
            {
                shown.Append(oneLine ? ' ' : c);
            }
            else if (c < ' ')
            {
                // Unicode's pictures of the control characters are in the order of the characters.
                shown.Append((char)('\u2400' + c));
            }
            else if (c == '\u007f')
            {
                shown.Append('\u2421');
            }
            else if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                int codePoint = char.ConvertToUtf32(c, text[++i]);
                if (IsInvisible(codePoint))
                {
                    Name(shown, codePoint);
                }
                else
                {
                    shown.Append(c).Append(text[i]);
                }
            }
            else if (char.IsSurrogate(c) || IsInvisible(c) || c < '\u00a0')
            {
                Name(shown, c);
            }
            else
            {
                shown.Append(c);
            }
        }

        return shown.ToString();
    }

    // One comparison for nearly all text; what is left is looked at closely.
    private static bool IsPlain(char c) => c is >= ' ' and < '\u007f';

    // Overrides and isolates reorder what surrounds them; tags and variation selectors carry text that nobody sees. Joiners stay: emoji and several scripts need them.
    private static bool IsInvisible(int c) =>
        c is 0x00ad or 0x061c or 0x180e or 0x200b or 0x200e or 0x200f or (>= 0x2028 and <= 0x202e) or (>= 0x2060 and <= 0x206f)
            or 0xfeff or (>= 0xfff9 and <= 0xfffb) or (>= 0xe0000 and <= 0xe0fff);

    private static void Name(StringBuilder shown, int c) =>
        shown.Append('\u27e6').Append("U+").Append(c.ToString("X4", CultureInfo.InvariantCulture)).Append('\u27e7');
}
