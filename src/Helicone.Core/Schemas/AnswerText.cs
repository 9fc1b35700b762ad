using System;
using System.Collections.Generic;
using System.Text.Json;

namespace Helicone.Schemas;

/// <summary>Finds the JSON in the text of an answer: the whole text, a code fence, or the JSON between sentences.</summary>
/// <remarks>JSON that isn't closed ends the search, so that a part of a truncated answer is never taken for the answer.</remarks>
internal static class AnswerText
{
    private const string ThoughtEnd = "</think>";

    private static readonly JsonDocumentOptions s_options = new() { AllowTrailingCommas = true, MaxDepth = 64 };

    /// <summary>Finds every piece of JSON that could be the answer.</summary>
    /// <param name="text">The text.</param>
    /// <param name="isWhole">Set when the text is JSON and nothing else, apart from a code fence.</param>
    /// <param name="problem">The problem when nothing was found.</param>
    internal static IReadOnlyList<JsonDocument> Find(string text, out bool isWhole, out string? problem)
    {
        string json = WithoutThoughts(text).Trim().TrimStart('\uFEFF').Trim();
        problem = null;
        isWhole = true;
        if (json.Length == 0)
        {
            problem = "The answer is empty.";
            return [];
        }

        if (TryParse(json) is { } whole || (Unfenced(json) is { } inner && (whole = TryParse(inner)) is not null))
        {
            return [whole];
        }

        isWhole = false;
        List<JsonDocument> found = [];
        for (int start = NextStart(json, 0); start >= 0; start = NextStart(json, start))
        {
            int end = End(json, start);
            if (end < 0)
            {
                found.ForEach(static document => document.Dispose());
                problem = "The JSON of the answer is cut off or isn't valid.";
                return [];
            }

            if (TryParse(json.Substring(start, end - start)) is { } document)
            {
                found.Add(document);
            }

            start = end;
        }

        problem = found.Count == 0 ? "The answer contains no valid JSON." : null;
        return found;
    }

    // Some servers leave the reasoning in the text. Reasoning without an end has no answer after it.
    private static string WithoutThoughts(string text)
    {
        if (!text.TrimStart().StartsWith("<think>", StringComparison.Ordinal))
        {
            return text;
        }

        int end = text.LastIndexOf(ThoughtEnd, StringComparison.Ordinal);
        return end < 0 ? string.Empty : text.Substring(end + ThoughtEnd.Length);
    }

    private static string? Unfenced(string text)
    {
        if (!text.StartsWith("```", StringComparison.Ordinal) || !text.EndsWith("```", StringComparison.Ordinal))
        {
            return null;
        }

        int line = text.IndexOf('\n');
        return line < 0 || line >= text.Length - 3 ? null : text.Substring(line, text.Length - 3 - line);
    }

    private static JsonDocument? TryParse(string json)
    {
        try
        {
            return JsonDocument.Parse(json, s_options);
        }
        catch (JsonException)
        {
            return null;
        }
        catch (ArgumentException)
        {
            // Half of a surrogate pair, which UTF-8 has no bytes for.
            return null;
        }
    }

    private static int NextStart(string text, int from) => from >= text.Length ? -1 : text.IndexOfAny(['{', '['], from);

    /// <summary>The end of the bracket that opens; -1 where it doesn't close.</summary>
    private static int End(string text, int start)
    {
        Stack<char> open = new();
        bool isInString = false;
        for (int i = start; i < text.Length; i++)
        {
            char c = text[i];
            if (isInString)
            {
                if (c == '\\')
                {
                    i++;
                }
                else if (c == '"')
                {
                    isInString = false;
                }

                continue;
            }

            switch (c)
            {
                case '"':
                    isInString = true;
                    break;
                case '{':
                case '[':
                    open.Push(c);
                    break;
                case '}':
                case ']':
                    if ((open.Pop() == '{') != (c == '}'))
                    {
                        return -1;
                    }

                    if (open.Count == 0)
                    {
                        return i + 1;
                    }

                    break;
            }
        }

        return -1;
    }
}
