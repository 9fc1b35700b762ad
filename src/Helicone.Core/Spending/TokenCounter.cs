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

        [MethodImpl(MethodImplOptions.NoInlining)]
        internal static int Count(string text) => s_tokenizer.CountTokens(text);
    }
}
