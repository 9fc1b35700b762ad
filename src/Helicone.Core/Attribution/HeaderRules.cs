using System;

namespace Helicone.Attribution;

/// <summary>The rules for HTTP headers. They are checked here so that an error is reported before anything is sent, and no value can inject a header.</summary>
internal static class HeaderRules
{
    /// <summary>Refuses a name that is not an RFC 9110 token.</summary>
    /// <exception cref="ArgumentException">The name is empty or holds a character that no header name may hold.</exception>
    public static void CheckName(string name)
    {
        if (string.IsNullOrEmpty(name))
        {
            throw new ArgumentException("A header name is empty.", nameof(name));
        }

        foreach (char c in name)
        {
            if (!IsTokenChar(c))
            {
                throw new ArgumentException($"'{Printable(name)}' cannot be a header name: {Describe(c)} is not allowed in one. Letters, digits and !#$%&'*+-.^_`|~ are.", nameof(name));
            }
        }
    }

    /// <summary>Refuses a value with a control character. Non-ASCII text is fine: it travels as UTF-8.</summary>
    /// <exception cref="ArgumentException">The value holds a control character, or half of a surrogate pair.</exception>
    public static void CheckValue(string name, string value)
    {
        if (value is null)
        {
            throw new ArgumentException($"The value of '{Printable(name)}' is null.", nameof(value));
        }

        for (int i = 0; i < value.Length; i++)
        {
            char c = value[i];
            if ((c < ' ' && c != '\t') || c == '\x7f' || (c >= '\x80' && c <= '\x9f'))
            {
                throw new ArgumentException($"The value of '{Printable(name)}' contains {Describe(c)} at position {i}, which can't be sent in a header.", nameof(value));
            }

            if (char.IsSurrogate(c))
            {
                if (!char.IsHighSurrogate(c) || i + 1 >= value.Length || !char.IsLowSurrogate(value[i + 1]))
                {
                    throw new ArgumentException($"The value of '{Printable(name)}' contains half of a surrogate pair at position {i}.", nameof(value));
                }

                i++;
            }
        }

        if (value.Length > 0 && (value[0] is ' ' or '\t' || value[value.Length - 1] is ' ' or '\t'))
        {
            // HTTP strips it, so the other side would store another value than the one given.
            throw new ArgumentException($"The value of '{Printable(name)}' begins or ends with white space, which HTTP drops.", nameof(value));
        }
    }

    private static bool IsTokenChar(char c) =>
        c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9')
        || "!#$%&'*+-.^_`|~".IndexOf(c) >= 0;

    private static string Describe(char c) => c switch
    {
        '\r' => "a carriage return",
        '\n' => "a line feed",
        ' ' => "a space",
        '\0' => "a NUL",
        < ' ' or (>= '\x7f' and <= '\x9f') => $"the control character U+{(int)c:X4}",
        _ => $"'{c}'",
    };

    private static string Printable(string text)
    {
        char[] chars = text.ToCharArray();
        for (int i = 0; i < chars.Length; i++)
        {
            if (char.IsControl(chars[i]))
            {
                chars[i] = '\u00b7';
            }
        }

        return new string(chars);
    }
}
