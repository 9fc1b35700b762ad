using System;
using System.Collections.Generic;
using System.Text;
using System.Text.RegularExpressions;

namespace Helicone.Formatting;

/// <summary>Renders Markdown for a terminal while it arrives. What is shown is never drawn again.</summary>
/// <remarks>
/// A subset of CommonMark, chosen for what models write: headings, emphasis, code, links, lists, quotes, rules, and tables. The text of a
/// paragraph is shown as it arrives; a heading, a line of code, and a rule are shown when the line is complete; and a table when its last row
/// is. Line breaks stay where they are. The text must be safe to show.
/// </remarks>
/// <param name="wrap">The wrap of the window; <see langword="null"/> without one.</param>
internal sealed class MarkdownText(WordWrap? wrap)
{
    private const int DefaultWidth = 79;

    // Fewer characters can't distinguish a list from a rule or from emphasis.
    private const int DecisiveCharacters = 3;

    // A longer line is text, whatever it begins with.
    private const int MaxMarkupCharacters = 2_000;

    private static readonly Regex s_heading = new(@"^(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$", RegexOptions.CultureInvariant);
    private static readonly Regex s_rule = new(@"^([-*_])[ \t]*(?:\1[ \t]*){2,}$", RegexOptions.CultureInvariant);
    private static readonly Regex s_bullet = new(@"^[-*+][ \t]+", RegexOptions.CultureInvariant);
    private static readonly Regex s_number = new(@"^[0-9]{1,9}[.)][ \t]+", RegexOptions.CultureInvariant);
    private static readonly Regex s_perhapsNumber = new(@"^[0-9]{1,9}[.)]?$", RegexOptions.CultureInvariant);
    private static readonly Regex s_fence = new(@"^(`{3,}|~{3,})[ \t]*([^`]*)$", RegexOptions.CultureInvariant);

    private readonly StringBuilder _shown = new();
    private readonly StringBuilder _line = new();
    private readonly List<string> _table = [];
    private InlineMarkdown? _inline;
    private string? _fence;
    private int _fenceIndent;

    private int Width => wrap?.Width ?? DefaultWidth;

    /// <summary>Adds text, and returns what can be shown of all that was added.</summary>
    public string Add(string text)
    {
        int start = 0;
        for (int end = text.IndexOf('\n'); end >= 0; end = text.IndexOf('\n', start))
        {
            _line.Append(text, start, end - start);
            EndLine();
            start = end + 1;
        }

        _line.Append(text, start, text.Length - start);
        Advance();
        return Take();
    }

    /// <summary>Returns what was held back.</summary>
    public string End()
    {
        if (_line.Length > 0)
        {
            EndLine(hasBreak: false);
        }

        DrawTable();
        _inline = null;
        _fence = null;
        _shown.Append(wrap?.End());
        return Take();
    }

    private string Take()
    {
        string shown = _shown.ToString();
        _shown.Clear();
        return shown;
    }

    /// <summary>Shows what can be shown of a line that isn't complete.</summary>
    private void Advance()
    {
        if (_fence is not null || _line.Length == 0)
        {
            return;
        }

        if (_inline is null)
        {
            Begin(isComplete: false);
        }

        if (_inline is not null)
        {
            ShowText(isComplete: false);
        }
    }

    private void EndLine(bool hasBreak = true)
    {
        string line = _line.ToString();
        if (_fence is not null)
        {
            _line.Clear();
            EndCodeLine(line, hasBreak);
            return;
        }

        if (_inline is null && IsRow(line))
        {
            _line.Clear();
            _table.Add(line);
            return;
        }

        if (_inline is null && !BeginWholeLine(line, hasBreak))
        {
            Begin(isComplete: true);
        }

        if (_inline is not null)
        {
            ShowText(isComplete: true);
            EndText(hasBreak);
        }

        _line.Clear();
    }

    private void EndCodeLine(string line, bool hasBreak)
    {
        string trimmed = line.Trim();
        if (trimmed.StartsWith(_fence, StringComparison.Ordinal) && trimmed.Trim(_fence![0]).Length == 0)
        {
            _fence = null;
            return;
        }

        int indent = Math.Min(_fenceIndent, Indent(line));
        ShowLine(new string(' ', _fenceIndent + 2) + new StyledText(line.Substring(indent), TextStyle.Code), hasBreak);
    }

    /// <summary>Shows a line that can only be shown as a whole: an empty one, a heading, a rule, or the beginning of code.</summary>
    private bool BeginWholeLine(string line, bool hasBreak)
    {
        string text = line.Trim();
        if (text.Length == 0)
        {
            DrawTable();
            ShowLine(string.Empty, hasBreak);
            return true;
        }

        if (text.Length > MaxMarkupCharacters)
        {
            return false;
        }

        if (s_fence.Match(text) is { Success: true } fence)
        {
            DrawTable();
            _fence = fence.Groups[1].Value;
            _fenceIndent = Indent(line);
            string language = fence.Groups[2].Value.Trim();
            if (language.Length > 0)
            {
                ShowLine(new string(' ', _fenceIndent + 2) + new StyledText(language, TextStyle.Dim), hasBreak);
            }

            return true;
        }

        if (s_rule.IsMatch(text))
        {
            DrawTable();
            ShowLine(new StyledText(new string('\u2500', Width), TextStyle.Dim).ToString(), hasBreak);
            return true;
        }

        if (s_heading.Match(text) is { Success: true } heading)
        {
            DrawTable();
            wrap?.Indent(string.Empty, 0);
            ShowSpans(InlineMarkdown.Parse(heading.Groups[2].Value, TextStyle.Bold | TextStyle.Heading));
            EndText(hasBreak);
            return true;
        }

        return false;
    }

    /// <summary>Shows the markers at the beginning of a line, unless more characters are needed. The rest of the line is text.</summary>
    private void Begin(bool isComplete)
    {
        string line = _line.ToString();
        int position = Indent(line);
        string spaces = line.Substring(0, position);
        StringBuilder markers = new(spaces);
        StringBuilder hanging = new(spaces);
        int cells = position;
        while (true)
        {
            string rest = line.Substring(position);
            if (!isComplete && MayBecomeOther(rest))
            {
                return;
            }

            int length = 0;
            if (rest.StartsWith(">", StringComparison.Ordinal))
            {
                length = rest.Length > 1 && rest[1] == ' ' ? 2 : 1;
                string bar = new StyledText("\u2502", TextStyle.Dim) + " ";
                markers.Append(bar);
                hanging.Append(bar);
                cells += 2;
            }
            else if (s_bullet.Match(rest) is { Success: true } bullet)
            {
                length = bullet.Length;
                markers.Append("\u2022 ");
                hanging.Append("  ");
                cells += 2;
            }
            else if (s_number.Match(rest) is { Success: true } number)
            {
                length = number.Length;
                string marker = number.Value.TrimEnd() + " ";
                markers.Append(marker);
                hanging.Append(' ', marker.Length);
                cells += marker.Length;
            }

            if (length == 0)
            {
                break;
            }

            position += length;
        }

        DrawTable();
        bool fits = cells < Width / 2;
        wrap?.Indent(fits ? hanging.ToString() : string.Empty, fits ? cells : 0);
        Show(markers.ToString());
        _line.Remove(0, position);
        _inline = new InlineMarkdown(TextStyle.None);
    }

    /// <summary>Indicates whether the next characters can still make something else of a line than text.</summary>
    private static bool MayBecomeOther(string rest) => rest.Length == 0 || rest[0] switch
    {
        '#' or '|' => true,
        '`' or '~' => rest.Length < 3 || rest.StartsWith("```", StringComparison.Ordinal) || rest.StartsWith("~~~", StringComparison.Ordinal),
        '-' or '*' or '_' or '+' => rest.Length < DecisiveCharacters || rest.Trim(rest[0], ' ', '\t').Length == 0,
        '>' => rest.Length == 1,
        >= '0' and <= '9' => s_perhapsNumber.IsMatch(rest),
        _ => false,
    };

    private void ShowText(bool isComplete)
    {
        List<StyledText> spans = [];
        int length = _inline!.Read(_line.ToString(), isComplete, spans);
        _line.Remove(0, length);
        ShowSpans(spans);
    }

    private void ShowSpans(List<StyledText> spans)
    {
        foreach (StyledText span in spans)
        {
            Show(span.ToString());
        }
    }

    private void Show(string text) => _shown.Append(wrap is null ? text : wrap.Add(text));

    private void EndText(bool hasBreak)
    {
        _inline = null;
        if (hasBreak)
        {
            Show("\n");
        }
    }

    // A line that the wrap must not touch. The one before it is complete.
    private void ShowLine(string line, bool hasBreak)
    {
        _shown.Append(line);
        if (hasBreak)
        {
            _shown.Append('\n');
        }
    }

    private void DrawTable()
    {
        if (_table.Count == 0)
        {
            return;
        }

        string[] rows = [.. _table];
        _table.Clear();
        if (MarkdownTable.Draw(rows, Width) is { } table)
        {
            _shown.Append(table);
            return;
        }

        wrap?.Indent(string.Empty, 0);
        foreach (string row in rows)
        {
            ShowSpans(InlineMarkdown.Parse(row, TextStyle.None));
            Show("\n");
        }
    }

    private static bool IsRow(string line) => line.TrimStart().StartsWith("|", StringComparison.Ordinal);

    private static int Indent(string line)
    {
        int indent = 0;
        while (indent < line.Length && line[indent] == ' ')
        {
            indent++;
        }

        return indent;
    }
}
