using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace Helicone.Requests;

/// <summary>A text with wildcards as the log's API can match it: <c>*</c>, <c>?</c>, <c>[ab]</c>, <c>[a-z]</c>, and a backtick before any of them for the character itself.</summary>
/// <remarks>SQL's ILIKE has no sets of characters, so a set becomes one pattern for each of its characters.</remarks>
internal sealed class WildcardText
{
    // Each alternative is a leaf of the filter tree.
    private const int MaxAlternatives = 100;

    private readonly List<StringBuilder> _patterns = [new()];
    private readonly StringBuilder _exact = new();
    private readonly string _text;

    private WildcardText(string text) => _text = text;

    /// <summary>The text without its escapes, when it has no wildcard; it is compared as it is.</summary>
    internal string? Exact { get; private set; }

    /// <summary>The patterns for ILIKE, of which one must match.</summary>
    internal IReadOnlyList<string> Patterns => _patterns.Select(static pattern => pattern.ToString()).ToArray();

    /// <exception cref="FormatException">A set of characters has no end, is empty, or matches too many patterns.</exception>
    internal static WildcardText Parse(string text)
    {
        WildcardText parsed = new(text);
        parsed.Read();
        return parsed;
    }

    private static bool IsSpecial(char c) => c is '*' or '?' or '[' or ']' or '`';

    private void Read()
    {
        bool isExact = true;
        for (int i = 0; i < _text.Length; i++)
        {
            char c = _text[i];
            switch (c)
            {
                case '*' or '?':
                    isExact = false;
                    Append(c == '*' ? '%' : '_');
                    break;
                case '[':
                    isExact = false;
                    int end = _text.IndexOf(']', i + 1);
                    AppendAny(Set(i, end));
                    i = end;
                    break;
                default:
                    AppendLiteral(c == '`' && i + 1 < _text.Length && IsSpecial(_text[i + 1]) ? _text[++i] : c);
                    break;
            }
        }

        Exact = isExact ? _exact.ToString() : null;
    }

    private List<char> Set(int start, int end)
    {
        List<char> set = [];
        for (int i = start + 1; i < end; i++)
        {
            char last = i + 2 < end && _text[i + 1] == '-' ? _text[i + 2] : _text[i];
            for (int c = char.ToLowerInvariant(_text[i]); c <= char.ToLowerInvariant(last) && set.Count <= MaxAlternatives; c++)
            {
                if (!set.Contains((char)c))
                {
                    set.Add((char)c);
                }
            }

            i += last == _text[i] ? 0 : 2;
        }

        return set.Count > 0
            ? set
            : throw new FormatException($"The wildcard pattern '{_text}' isn't valid: the [ at position {start + 1} doesn't begin a set of characters such as [ab]. A backtick before it makes it a plain character.");
    }

    private void AppendLiteral(char c)
    {
        _exact.Append(c);
        if (c is '\\' or '%' or '_')
        {
            Append('\\');
        }

        Append(c);
    }

    private void Append(char c) => _patterns.ForEach(pattern => pattern.Append(c));

    private void AppendAny(List<char> set)
    {
        if (_patterns.Count * set.Count > MaxAlternatives)
        {
            throw new FormatException($"The wildcard pattern '{_text}' isn't valid: its sets of characters match more than {MaxAlternatives} patterns. Use a ? instead of a set.");
        }

        StringBuilder[] stems = [.. _patterns];
        _patterns.Clear();
        foreach (StringBuilder stem in stems)
        {
            foreach (char c in set)
            {
                StringBuilder pattern = new(stem.ToString());
                _patterns.Add(c is '\\' or '%' or '_' ? pattern.Append('\\').Append(c) : pattern.Append(c));
            }
        }
    }
}
