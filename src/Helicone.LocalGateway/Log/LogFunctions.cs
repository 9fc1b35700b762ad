using System;
using Microsoft.Data.Sqlite;

namespace Helicone.LocalGateway.Log;

/// <summary>What the log's queries need and SQLite does not have.</summary>
internal static class LogFunctions
{
    /// <summary>LIKE for every alphabet: SQLite's version folds the case of A to Z only, and takes extremely long for some patterns with many wildcards.</summary>
    public const string Like = "helicone_like";

    public static void Register(SqliteConnection connection)
    {
        connection.CreateFunction<string, string, long, bool>(Like, static (pattern, text, ignoreCase) => Matches(pattern, text, ignoreCase != 0), isDeterministic: true);
        connection.CreateFunction<byte[], byte[]>(StoredBody.Function, static stored => StoredBody.Restore(stored).ToArray(), isDeterministic: true);
        connection.CreateFunction<byte[], int>(StoredBody.LengthFunction, static stored => StoredBody.OriginalLength(stored), isDeterministic: true);
    }

    /// <summary>Indicates whether a text matches a pattern: <c>%</c> is any run of characters, <c>_</c> is one character, <c>\</c> escapes the next character.</summary>
    internal static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text, bool ignoreCase)
    {
        // Only the latest run has to be tried again: a shorter match of an earlier one leaves more for all that follow. So it takes
        // length times length at worst, whatever the pattern.
        int p = 0;
        int t = 0;
        int runPattern = -1;
        int runText = 0;
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '%')
            {
                runPattern = ++p;
                runText = t;
            }
            else if (p < pattern.Length && MatchesOne(pattern, p, text, t, ignoreCase, out int patternLength, out int textLength))
            {
                p += patternLength;
                t += textLength;
            }
            else if (runPattern >= 0)
            {
                p = runPattern;
                t = ++runText;
            }
            else
            {
                return false;
            }
        }

        while (p < pattern.Length && pattern[p] == '%')
        {
            p++;
        }

        return p == pattern.Length;
    }

    private static bool MatchesOne(ReadOnlySpan<char> pattern, int p, ReadOnlySpan<char> text, int t, bool ignoreCase, out int patternLength, out int textLength)
    {
        patternLength = 1;
        textLength = 1;
        char wanted = pattern[p];
        if (wanted == '_')
        {
            // A character beyond the first plane is one, though it takes two.
            textLength = char.IsHighSurrogate(text[t]) && t + 1 < text.Length ? 2 : 1;
            return true;
        }

        if (wanted == '\\' && p + 1 < pattern.Length)
        {
            wanted = pattern[p + 1];
            patternLength = 2;
        }

        return wanted == text[t] || (ignoreCase && char.ToUpperInvariant(wanted) == char.ToUpperInvariant(text[t]));
    }
}
