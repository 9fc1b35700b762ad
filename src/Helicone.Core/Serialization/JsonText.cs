using System;
using System.Globalization;
using System.Text;

namespace Helicone.Serialization;

/// <summary>The text of a JSON string that .NET refuses to read.</summary>
/// <remarks>
/// Some servers cut an emoji in two and send each half of its surrogate pair, as an escape, in a chunk of its own; others send bytes that
/// are not UTF-8. The answer is whole all the same: halves are given out as they are, and meet again in the text; broken bytes become U+FFFD.
/// </remarks>
internal static class JsonText
{
    /// <param name="escaped">What stands between the quotation marks, known to be well-formed but for its characters.</param>
    internal static string Lenient(ReadOnlySpan<byte> escaped)
    {
        string text = Encoding.UTF8.GetString(escaped.ToArray());
        StringBuilder result = new(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || i + 1 >= text.Length)
            {
                result.Append(text[i]);
                continue;
            }

            i++;
            if (text[i] == 'u' && i + 4 < text.Length)
            {
                result.Append((char)ushort.Parse(text.Substring(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                i += 4;
                continue;
            }

            result.Append(text[i] switch
            {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'b' => '\b',
                'f' => '\f',
                char other => other,
            });
        }

        return result.ToString();
    }
}
