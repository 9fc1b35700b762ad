using System;
using System.Runtime.CompilerServices;
using Microsoft.ML.Tokenizers;

namespace Helicone.Spending;

/// <summary>Counts tokens with the vocabulary of OpenAI's current models (o200k).</summary>
/// <remarks>The tokenizer and its vocabulary are loaded by the first count. Other vendors don't publish their vocabularies: for their models the count is an estimate.</remarks>
public static class TokenCounter
{
    /// <summary>Counts the tokens of a text.</summary>
    /// <exception cref="ArgumentNullException">The text is <see langword="null"/>.</exception>
    public static int Count(string text)
    {
        if (text is null)
        {
            throw new ArgumentNullException(nameof(text));
        }

        OptionalAssemblies.Load(OptionalAssemblies.Tokens);
        return Vocabulary.Count(text);
    }

    // Apart, so that the method above is compiled before the tokenizer is needed.
    private static class Vocabulary
    {
        private static readonly TiktokenTokenizer s_tokenizer = TiktokenTokenizer.CreateForEncoding("o200k_base");

        // The tokenizer's time grows with the square of a run of letters, signs, or spaces: 100,000 in a row took 25 s. A text without a break is
        // counted in pieces, which makes it at most one token longer for each piece.
        private const int LongestRun = 512;

        [MethodImpl(MethodImplOptions.NoInlining)]
        internal static int Count(string text)
        {
            int count = 0;
            int start = 0;
            int runStart = 0;
            for (int i = 1; i < text.Length; i++)
            {
                if (char.IsWhiteSpace(text[i]) != char.IsWhiteSpace(text[i - 1]))
                {
                    runStart = i;
                }
                else if (i - runStart >= LongestRun && !char.IsLowSurrogate(text[i]))
                {
                    count += s_tokenizer.CountTokens(text.AsSpan(start, i - start));
                    start = runStart = i;
                }
            }

            return count + s_tokenizer.CountTokens(text.AsSpan(start));
        }
    }
}
