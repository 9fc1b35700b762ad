using System;
using System.Collections.Generic;
using System.Text;

namespace Helicone.Formatting;

/// <summary>The spans within a line of Markdown: emphasis, code, links, and images. Markers without a counterpart are text.</summary>
internal sealed class InlineMarkdown(TextStyle style)
{
    // The text behind an opening marker is held back until its counterpart arrives, but not for longer than this.
    private const int MaxHeldCharacters = 200;

    // A longer span isn't searched for: a line that consists only of markers must not take more than linear time.
    private const int MaxSpanCharacters = 2_000;

    private char _previous = ' ';

    /// <summary>Reads a whole text.</summary>
    public static List<StyledText> Parse(string text, TextStyle style)
    {
        List<StyledText> spans = [];
        _ = new InlineMarkdown(style).Read(text, isComplete: true, spans);
        return spans;
    }

    /// <summary>Reads as much of a text as can be shown.</summary>
    /// <param name="text">The text that hasn't been read.</param>
    /// <param name="isComplete">Indicates whether nothing follows.</param>
    /// <param name="spans">Receives the spans.</param>
    /// <returns>The number of characters that were read.</returns>
    public int Read(string text, bool isComplete, List<StyledText> spans)
    {
        StringBuilder plain = new();
        int position = 0;
        while (position < text.Length)
        {
            int length = Special(text, position, isComplete, plain, spans);
            if (length == 0)
            {
                break;
            }

            _previous = text[position + length - 1];
            position += length;
        }

        Flush(plain, spans);
        return position;
    }

    /// <summary>Reads one span, or one character of text.</summary>
    /// <returns>The number of characters; 0 when more text is needed.</returns>
    private int Special(string text, int start, bool isComplete, StringBuilder plain, List<StyledText> spans)
    {
        char c = text[start];
        int length = c switch
        {
            '\\' => Escape(text, start, isComplete, plain),
            '`' => Code(text, start, isComplete, plain, spans),
            '*' or '_' or '~' => Emphasis(text, start, isComplete, plain, spans),
            '[' => Link(text, start, start, isComplete, plain, spans),
            '!' => start + 1 == text.Length ? (isComplete ? -1 : 0) : text[start + 1] == '[' ? Link(text, start, start + 1, isComplete, plain, spans) : -1,
            '<' => Address(text, start, isComplete, plain, spans),
            _ => -1,
        };
        if (length == -1)
        {
            plain.Append(c);
            length = 1;
        }

        return length;
    }

    private static int Escape(string text, int start, bool isComplete, StringBuilder plain)
    {
        if (start + 1 == text.Length)
        {
            // At the end of a line, it breaks the line, which every end of a line does here.
            return isComplete ? 1 : 0;
        }

        char next = text[start + 1];
        if (next >= 128 || !(char.IsPunctuation(next) || char.IsSymbol(next)))
        {
            return -1;
        }

        plain.Append(next);
        return 2;
    }

    private int Code(string text, int start, bool isComplete, StringBuilder plain, List<StyledText> spans)
    {
        int run = Run(text, start);
        int close = CodeEnd(text, start, run);
        bool mayGrow = !isComplete && (start + run == text.Length || close + run == text.Length);
        if (mayGrow || (close < 0 && IsHeld(text, start, isComplete)))
        {
            return 0;
        }

        if (close < 0)
        {
            plain.Append('`', run);
            return run;
        }

        string code = text.Substring(start + run, close - start - run);
        Flush(plain, spans);
        spans.Add(new StyledText(code.Length > 2 && code[0] == ' ' && code[code.Length - 1] == ' ' ? code.Substring(1, code.Length - 2) : code, style | TextStyle.Code));
        return close + run - start;
    }

    private int Emphasis(string text, int start, bool isComplete, StringBuilder plain, List<StyledText> spans)
    {
        char marker = text[start];
        int run = Run(text, start);
        if (start + run == text.Length && !isComplete)
        {
            return 0;
        }

        bool isMarker = marker == '~' ? run == 2 : run <= 3;
        bool opens = isMarker && start + run < text.Length && !char.IsWhiteSpace(text[start + run]) && (marker != '_' || !char.IsLetterOrDigit(_previous));
        int close = opens ? EmphasisEnd(text, start + run, marker, run) : -1;
        bool mayGrow = !isComplete && close >= 0 && close + run == text.Length;
        if (mayGrow || (opens && close < 0 && IsHeld(text, start, isComplete)))
        {
            return 0;
        }

        if (close < 0)
        {
            plain.Append(marker, run);
            return run;
        }

        TextStyle emphasis = marker == '~' ? TextStyle.Strikethrough : run switch
        {
            1 => TextStyle.Italic,
            2 => TextStyle.Bold,
            _ => TextStyle.Bold | TextStyle.Italic,
        };
        Flush(plain, spans);
        spans.AddRange(Parse(text.Substring(start + run, close - start - run), style | emphasis));
        return close + run - start;
    }

    /// <summary>Reads a link or an image. The address is always shown, so that no text can pretend to lead elsewhere.</summary>
    private int Link(string text, int start, int bracket, bool isComplete, StringBuilder plain, List<StyledText> spans)
    {
        int close = Match(text, bracket, '[', ']');
        if (close < 0 || (close + 1 == text.Length && !isComplete))
        {
            return IsHeld(text, start, isComplete) ? 0 : -1;
        }

        if (close + 1 == text.Length || text[close + 1] != '(')
        {
            return -1;
        }

        int end = Match(text, close + 1, '(', ')');
        if (end < 0)
        {
            return IsHeld(text, start, isComplete) ? 0 : -1;
        }

        string label = text.Substring(bracket + 1, close - bracket - 1);
        string address = Destination(text.Substring(close + 2, end - close - 2));
        Flush(plain, spans);
        if (bracket > start)
        {
            spans.Add(new StyledText("[image" + (label.Length == 0 ? string.Empty : ": " + label) + "]", style));
        }
        else if (label != address)
        {
            spans.AddRange(Parse(label, style | TextStyle.Link));
        }

        if (address.Length > 0)
        {
            bool isAlone = bracket == start && (label == address || label.Length == 0);
            spans.Add(isAlone ? new StyledText(address, style | TextStyle.Link) : new StyledText(" (" + address + ")", style | TextStyle.Dim));
        }

        return end + 1 - start;
    }

    private int Address(string text, int start, bool isComplete, StringBuilder plain, List<StyledText> spans)
    {
        int limit = Limit(text, start);
        int end = start + 1;
        while (end < limit && text[end] is not ('>' or '<') && !char.IsWhiteSpace(text[end]))
        {
            end++;
        }

        if (end == limit)
        {
            return IsHeld(text, start, isComplete) ? 0 : -1;
        }

        string address = text.Substring(start + 1, end - start - 1);
        if (text[end] != '>' || !(address.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || address.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || address.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase)))
        {
            return -1;
        }

        Flush(plain, spans);
        spans.Add(new StyledText(address, style | TextStyle.Link));
        return end + 1 - start;
    }

    private static bool IsHeld(string text, int start, bool isComplete) => !isComplete && text.Length - start < MaxHeldCharacters;

    private static int Limit(string text, int start) => Math.Min(text.Length, start + MaxSpanCharacters);

    private static int Run(string text, int start)
    {
        int end = start;
        while (end < text.Length && text[end] == text[start])
        {
            end++;
        }

        return end - start;
    }

    private static int CodeEnd(string text, int start, int run)
    {
        int limit = Limit(text, start);
        for (int i = start + run; i < limit; i++)
        {
            if (text[i] == '`')
            {
                int length = Run(text, i);
                if (length == run)
                {
                    return i;
                }

                i += length - 1;
            }
        }

        return -1;
    }

    private static int EmphasisEnd(string text, int start, char marker, int run)
    {
        int limit = Limit(text, start);
        bool hasCode = true;
        for (int i = start; i < limit; i++)
        {
            if (text[i] == '\\')
            {
                i++;
            }
            else if (text[i] == '`' && hasCode)
            {
                // A marker within code isn't one.
                int length = Run(text, i);
                int end = CodeEnd(text, i, length);
                hasCode = end >= 0;
                i = (end < 0 ? i : end) + length - 1;
            }
            else if (text[i] == marker)
            {
                int length = Run(text, i);
                int close = length == run ? i : length == 3 && run < 3 && marker != '~' ? i + 3 - run : -1;
                bool closes = close >= 0 && i > start && !char.IsWhiteSpace(text[i - 1])
                    && (marker != '_' || i + length == text.Length || !char.IsLetterOrDigit(text[i + length]));
                if (closes)
                {
                    return close;
                }

                i += length - 1;
            }
        }

        return -1;
    }

    private static int Match(string text, int start, char open, char close)
    {
        int depth = 0;
        int limit = Limit(text, start);
        for (int i = start; i < limit; i++)
        {
            if (text[i] == '\\')
            {
                i++;
            }
            else if (text[i] == open)
            {
                depth++;
            }
            else if (text[i] == close && --depth == 0)
            {
                return i;
            }
        }

        return -1;
    }

    // An address, which may be in angle brackets, and a title.
    private static string Destination(string text)
    {
        string trimmed = text.Trim();
        if (trimmed.StartsWith("<", StringComparison.Ordinal) && trimmed.IndexOf('>') is > 0 and int end)
        {
            return trimmed.Substring(1, end - 1);
        }

        int space = trimmed.IndexOf(' ');
        return space < 0 ? trimmed : trimmed.Substring(0, space);
    }

    private void Flush(StringBuilder plain, List<StyledText> spans)
    {
        if (plain.Length > 0)
        {
            spans.Add(new StyledText(plain.ToString(), style));
            plain.Clear();
        }
    }
}
