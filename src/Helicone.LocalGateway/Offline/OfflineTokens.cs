using System;
using System.Collections.Generic;
using System.Text.RegularExpressions;

namespace Helicone.LocalGateway.Offline;

/// <summary>Cuts text into pieces that stand for tokens: a word with the space before it, long words in parts, signs and ideographs one by one.</summary>
/// <remarks>
/// No tokenizer: it is the same for every model, and near enough to make usage, limits and streams behave. The pieces put together are the text.
/// </remarks>
internal static partial class OfflineTokens
{
    public static int Count(ReadOnlySpan<char> text)
    {
        int count = 0;
        foreach (ValueMatch _ in Piece().EnumerateMatches(text))
        {
            count++;
        }

        return count;
    }

    public static IReadOnlyList<string> Split(string text)
    {
        List<string> pieces = [];
        foreach (ValueMatch match in Piece().EnumerateMatches(text))
        {
            pieces.Add(text.Substring(match.Index, match.Length));
        }

        return pieces;
    }

    [GeneratedRegex(@"\s*(?:[\p{L}\p{N}-[\u2E80-\uFFFF]]{1,8}|[\uD800-\uDBFF][\uDC00-\uDFFF]|\S)|\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Piece();
}
