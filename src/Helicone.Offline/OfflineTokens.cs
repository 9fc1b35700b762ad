using System;
using System.Collections.Generic;

namespace Helicone.Offline;

/// <summary>Cuts text into pieces that stand for tokens: a word with the space before it, long words in parts, signs and ideographs one by one.</summary>
/// <remarks>
/// No tokenizer: it is the same for every model, and near enough to make usage, limits and streams behave. The pieces put together are the text.
/// </remarks>
internal static class OfflineTokens
{
    private const int LongestPart = 8;

    // From here on, a character is a token of its own.
    private const char FirstIdeograph = '\u2E80';

    public static int Count(ReadOnlySpan<char> text)
    {
        int count = 0;
        while (!text.IsEmpty)
        {
            text = text.Slice(LengthOfPiece(text));
            count++;
        }

        return count;
    }

    public static int Count(string text) => Count(text.AsSpan());

    public static IReadOnlyList<string> Split(string text)
    {
        List<string> pieces = [];
        for (int at = 0; at < text.Length;)
        {
            int length = LengthOfPiece(text.AsSpan(at));
            pieces.Add(text.Substring(at, length));
            at += length;
        }

        return pieces;
    }

    private static int LengthOfPiece(ReadOnlySpan<char> text)
    {
        int at = 0;
        while (at < text.Length && char.IsWhiteSpace(text[at]))
        {
            at++;
        }

        if (at == text.Length)
        {
            return at;
        }

        int end = at;
        while (end < text.Length && end - at < LongestPart && text[end] < FirstIdeograph && (char.IsLetter(text[end]) || char.IsNumber(text[end])))
        {
            end++;
        }

        return end > at ? end
            : at + 1 < text.Length && char.IsSurrogatePair(text[at], text[at + 1]) ? at + 2
            : at + 1;
    }
}
