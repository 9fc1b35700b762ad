using System;
using System.Collections.Generic;
using System.Text;

namespace Helicone.Offline.Schemas;

/// <summary>Writes texts that a regular expression matches. What it looks ahead or back for isn't considered: the caller checks.</summary>
internal sealed class PatternWriter(SchemaChoices choices)
{
    private const int LongestText = 100_000;

    private readonly Dictionary<int, string> _groups = [];
    private readonly Dictionary<string, string> _named = [];
    private readonly StringBuilder _text = new();
    private readonly List<int> _chosen = [];
    private int _option;
    private int _repeats;
    private int _number;

    /// <summary>Writes a text.</summary>
    /// <param name="node">The expression.</param>
    /// <param name="repeats">The number of times that parts repeat beyond the least.</param>
    /// <param name="number">A number that makes the text differ from that of another.</param>
    /// <returns>The text, and whether it was too short to differ by that number.</returns>
    public (string Text, bool IsExhausted) Write(PatternNode node, int repeats, int number)
    {
        _text.Clear();
        _groups.Clear();
        _named.Clear();
        _option = 0;
        _repeats = repeats;
        _number = number;
        Write(node);
        return (_text.ToString(), _number > 0);
    }

    private void Write(PatternNode node)
    {
        if (_text.Length > LongestText)
        {
            throw new UnmetSchemaException("The pattern asks for a text that is too long.");
        }

        switch (node)
        {
            case PatternNode.Characters { Candidates: { Count: > 0 } characters }:
                _text.Append(characters[_number % characters.Count]);
                _number /= characters.Count;
                break;
            case PatternNode.Characters:
                throw new UnmetSchemaException("The pattern asks for a character that doesn't exist.");
            case PatternNode.Sequence sequence:
                foreach (PatternNode part in sequence.Parts)
                {
                    Write(part);
                }

                break;
            case PatternNode.Either either:
                Write(either.Options[Choose(either.Options.Count)]);
                break;
            case PatternNode.Repeat repeat:
                for (long i = 0, most = Math.Min((long)repeat.Least + _repeats, repeat.Most); i < most; i++)
                {
                    Write(repeat.Part);
                }

                break;
            case PatternNode.Group group:
                int start = _text.Length;
                Write(group.Part);
                string text = _text.ToString(start, _text.Length - start);
                _groups[group.Number] = text;
                if (group.Name is { } name)
                {
                    _named[name] = text;
                }

                break;
            case PatternNode.Back back:
                _text.Append(back.Name is { } named ? _named.GetValueOrDefault(named) : _groups.GetValueOrDefault(back.Number));
                break;
        }
    }

    /// <summary>The same alternative in every text of this writer, so that more repeats are no other choice.</summary>
    private int Choose(int options)
    {
        if (_option == _chosen.Count)
        {
            _chosen.Add(choices.Choose(options));
        }

        return Math.Min(_chosen[_option++], options - 1);
    }
}
