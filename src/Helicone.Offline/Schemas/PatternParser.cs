using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;

namespace Helicone.Offline.Schemas;

/// <summary>Reads a regular expression as far as texts for it can be written.</summary>
internal sealed class PatternParser
{
    private const string Letters = "abcdefghijklmnopqrstuvwxyz";
    private const string Digits = "0123456789";
    private const string Word = Letters + Digits + "ABCDEFGHIJKLMNOPQRSTUVWXYZ_";

    // What stands for "any character", the plain ones first.
    private static readonly char[] s_any = [.. Word, .. Enumerable.Range(32, 95).Select(c => (char)c).Where(c => !Word.Contains(c, StringComparison.Ordinal)), 'é', 'ß', 'я', '中'];

    private static readonly PatternNode s_nothing = new PatternNode.Sequence([]);

    private readonly string _pattern;
    private int _at;
    private int _groups;

    private PatternParser(string pattern) => _pattern = pattern;

    /// <exception cref="FormatException">It isn't a regular expression.</exception>
    public static PatternNode Parse(string pattern)
    {
        try
        {
            _ = new Regex(pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
        }
        catch (ArgumentException e)
        {
            throw new FormatException($"'pattern': '{pattern}' is not a regular expression. {e.Message}", e);
        }

        return new PatternParser(pattern).ReadEither();
    }

    private bool IsAtEnd => _at >= _pattern.Length;

    private PatternNode ReadEither()
    {
        List<PatternNode> options = [ReadSequence()];
        while (TryTake('|'))
        {
            options.Add(ReadSequence());
        }

        return options.Count == 1 ? options[0] : new PatternNode.Either(options);
    }

    private PatternNode.Sequence ReadSequence()
    {
        List<PatternNode> parts = [];
        while (!IsAtEnd && _pattern[_at] is not ('|' or ')'))
        {
            parts.Add(ReadRepeat(ReadAtom()));
        }

        return new PatternNode.Sequence(parts);
    }

    private PatternNode ReadAtom()
    {
        char c = _pattern[_at++];
        switch (c)
        {
            case '^' or '$':
                return s_nothing;
            case '.':
                return new PatternNode.Characters(s_any);
            case '[':
                return new PatternNode.Characters(ReadClass());
            case '(':
                return ReadGroup();
            case '\\':
                return ReadEscape();
            default:
                return new PatternNode.Characters([c]);
        }
    }

    private PatternNode ReadGroup()
    {
        string? name = null;
        bool isLook = false;
        int number = 0;
        if (TryTake("?:"))
        {
            // It has no number.
        }
        else if (TryTake("?=") || TryTake("?!") || TryTake("?<=") || TryTake("?<!"))
        {
            isLook = true;
        }
        else
        {
            number = ++_groups;
            if (TryTake("?<"))
            {
                int end = _pattern.IndexOf('>', _at);
                name = _pattern[_at..end];
                _at = end + 1;
            }
        }

        PatternNode inner = ReadEither();
        TryTake(')');
        return isLook ? s_nothing : number == 0 ? inner : new PatternNode.Group(inner, number, name);
    }

    private PatternNode ReadRepeat(PatternNode part)
    {
        (int Least, int Most)? times = TryTake('*') ? (0, int.MaxValue) : TryTake('+') ? (1, int.MaxValue) : TryTake('?') ? (0, 1) : ReadBraces();
        if (times is not { } range)
        {
            return part;
        }

        // As few as possible, or all at once: it matches the same texts.
        _ = TryTake('?') || TryTake('+');
        return new PatternNode.Repeat(part, range.Least, range.Most);
    }

    private (int, int)? ReadBraces()
    {
        Match braces = Regex.Match(_pattern[_at..], @"^\{(\d{1,9})(,(\d{0,9}))?\}", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
        if (!braces.Success)
        {
            return null;
        }

        _at += braces.Length;
        int least = int.Parse(braces.Groups[1].Value, CultureInfo.InvariantCulture);
        return (least, !braces.Groups[2].Success ? least : braces.Groups[3].Length == 0 ? int.MaxValue : int.Parse(braces.Groups[3].Value, CultureInfo.InvariantCulture));
    }

    private PatternNode ReadEscape()
    {
        char c = _pattern[_at];
        if (c is 'b' or 'B' or 'A' or 'z' or 'Z' or 'G')
        {
            _at++;
            return s_nothing;
        }

        if (c is >= '1' and <= '9')
        {
            _at++;
            return new PatternNode.Back(c - '0', null);
        }

        if (c == 'k' && _pattern.IndexOf('>', _at) is > 0 and int end)
        {
            string name = _pattern[(_at + 2)..end];
            _at = end + 1;
            return new PatternNode.Back(0, name);
        }

        return new PatternNode.Characters(ReadEscapedSet());
    }

    /// <summary>The characters of the escape behind a backslash.</summary>
    private char[] ReadEscapedSet()
    {
        char c = _pattern[_at++];
        switch (c)
        {
            case 'd':
                return [.. Digits];
            case 'D':
                return Without(char.IsDigit);
            case 'w':
                return [.. Word];
            case 'W':
                return Without(w => char.IsLetterOrDigit(w) || w == '_');
            case 's':
                return [' ', '\t', '\n'];
            case 'S':
                return Without(char.IsWhiteSpace);
            case 'p' or 'P':
                return ReadCategory(c == 'P');
            case 'n':
                return ['\n'];
            case 'r':
                return ['\r'];
            case 't':
                return ['\t'];
            case 'f':
                return ['\f'];
            case 'v':
                return ['\v'];
            case '0':
                return ['\0'];
            case 'x' when IsHex(2):
                return [ReadHex(2)];
            case 'u' when IsHex(4):
                return [ReadHex(4)];
            case 'c' when !IsAtEnd:
                return [(char)(_pattern[_at++] & 31)];
            default:
                return [c];
        }
    }

    private char[] ReadCategory(bool isNegated)
    {
        int end = _pattern.IndexOf('}', _at);
        string escape = "^\\" + (isNegated ? 'P' : 'p') + _pattern[_at..(end + 1)] + "$";
        _at = end + 1;
        return [.. s_any.Where(c => Regex.IsMatch(c.ToString(), escape, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)))];
    }

    private char[] ReadClass()
    {
        bool isNegated = TryTake('^');
        List<char> members = [];
        while (!IsAtEnd && _pattern[_at] != ']')
        {
            char[] from = ReadClassMember();
            if (from.Length == 1 && _at + 1 < _pattern.Length && _pattern[_at] == '-' && _pattern[_at + 1] != ']')
            {
                _at++;
                char[] to = ReadClassMember();
                for (int c = from[0]; to.Length == 1 && c <= to[0]; c++)
                {
                    members.Add((char)c);
                }
            }
            else
            {
                members.AddRange(from);
            }
        }

        _at++;
        return isNegated ? Without(members.Contains) : [.. members.OrderBy(c => char.IsControl(c) || char.IsSurrogate(c) ? 2 : Word.Contains(c, StringComparison.Ordinal) ? 0 : 1)];
    }

    private char[] ReadClassMember()
    {
        char c = _pattern[_at++];
        if (c != '\\')
        {
            return [c];
        }

        if (_pattern[_at] == 'b')
        {
            _at++;
            return ['\b'];
        }

        return ReadEscapedSet();
    }

    private static char[] Without(Func<char, bool> excluded) => [.. s_any.Where(c => !excluded(c))];

    private bool IsHex(int digits) => _at + digits <= _pattern.Length && _pattern.Skip(_at).Take(digits).All(Uri.IsHexDigit);

    private char ReadHex(int digits)
    {
        char c = (char)int.Parse(_pattern.Substring(_at, digits), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        _at += digits;
        return c;
    }

    private bool TryTake(char c)
    {
        if (IsAtEnd || _pattern[_at] != c)
        {
            return false;
        }

        _at++;
        return true;
    }

    private bool TryTake(string text)
    {
        if (string.CompareOrdinal(_pattern, _at, text, 0, text.Length) != 0)
        {
            return false;
        }

        _at += text.Length;
        return true;
    }
}
