namespace Helicone.Offline;

/// <summary>Compares text with a pattern in which <c>*</c> stands for any text, and <c>?</c> for any character.</summary>
internal static class SimpleExpression
{
    /// <summary>Indicates whether a text fits a pattern, in any case.</summary>
    public static bool Fits(string text, string pattern)
    {
        int at = 0;
        int next = 0;
        int star = -1;
        int resume = 0;
        while (at < text.Length)
        {
            if (next < pattern.Length && pattern[next] == '*')
            {
                star = next++;
                resume = at;
            }
            else if (next < pattern.Length && (pattern[next] == '?' || char.ToUpperInvariant(pattern[next]) == char.ToUpperInvariant(text[at])))
            {
                next++;
                at++;
            }
            else if (star >= 0)
            {
                // The last star takes one character more.
                next = star + 1;
                at = ++resume;
            }
            else
            {
                return false;
            }
        }

        while (next < pattern.Length && pattern[next] == '*')
        {
            next++;
        }

        return next == pattern.Length;
    }
}
