using System.Collections.Generic;
using System.Globalization;
using System.Text.Json;

namespace Helicone.Schemas;

/// <summary>The problems of an answer, as sentences for the model and for people.</summary>
internal sealed class AnswerProblems
{
    // A list of a thousand wrong items is one mistake.
    private const int MaxSentences = 8;
    private const int MaxQuote = 60;

    private readonly List<string> _sentences = [];
    private int _count;

    internal bool HasAny => _count > 0;

    internal IReadOnlyList<string> Sentences => _count <= MaxSentences
        ? _sentences
        : [.. _sentences, string.Format(CultureInfo.InvariantCulture, "There are {0} more problems.", _count - MaxSentences)];

    internal void Add(string sentence)
    {
        if (_count++ < MaxSentences)
        {
            _sentences.Add(sentence);
        }
    }

    internal static string Subject(string path) => path.Length == 0 ? "The answer" : $"'{path}'";

    /// <summary>A value as a sentence names it.</summary>
    internal static string Shown(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "the text '" + Short(Raw(value)) + "'",
        JsonValueKind.Number => "the number " + Short(value.GetRawText()),
        _ => value.GetRawText(),
    };

    internal static string Short(string text) => text.Length > MaxQuote ? text.Substring(0, char.IsHighSurrogate(text[MaxQuote - 1]) ? MaxQuote - 1 : MaxQuote) + "…" : text;

    private static string Raw(JsonElement text)
    {
        string raw = text.GetRawText();
        return raw.Substring(1, raw.Length - 2);
    }
}
