using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;

namespace Helicone.Formatting;

/// <summary>A table of Markdown, drawn to fit the width of a terminal. The text of a cell wraps at words.</summary>
internal static class MarkdownTable
{
    private const int NarrowestColumn = 4;
    private const int MaxRowCharacters = 10_000;
    private const string Separator = " \u2502 ";

    private static readonly Regex s_escape = new("\u001b\\[[0-9;]*m", RegexOptions.CultureInvariant);
    private static readonly Regex s_delimiter = new(@"^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$", RegexOptions.CultureInvariant);

    /// <summary>Draws a table.</summary>
    /// <param name="rows">The rows as they were written.</param>
    /// <param name="width">The number of cells in a line.</param>
    /// <returns>The lines; <see langword="null"/> when the rows are no table, or one with too many columns for the width.</returns>
    public static string? Draw(IReadOnlyList<string> rows, int width)
    {
        if (rows.Count < 2 || rows.Any(static row => row.Length > MaxRowCharacters) || !s_delimiter.IsMatch(rows[1]))
        {
            return null;
        }

        string[] delimiters = Split(rows[1]);
        int columns = delimiters.Length;
        if (Split(rows[0]).Length != columns)
        {
            return null;
        }

        string[][] cells = [.. rows.Where(static (_, row) => row != 1).Select((row, index) => Styled(Split(row), columns, index == 0 ? TextStyle.Bold : TextStyle.None))];
        int available = width - (Separator.Length * (columns - 1));
        if (available < columns * NarrowestColumn)
        {
            return null;
        }

        int[] widths = [.. Enumerable.Range(0, columns).Select(column => Math.Max(1, cells.Max(row => CellsOf(row[column]))))];
        while (widths.Sum() > available)
        {
            widths[Array.IndexOf(widths, widths.Max())]--;
        }

        StringBuilder table = new();
        for (int row = 0; row < cells.Length; row++)
        {
            DrawRow(table, cells[row], widths, delimiters);
            if (row == 0)
            {
                table.Append(new StyledText(string.Join("\u2500\u253c\u2500", widths.Select(static cells => new string('\u2500', cells))), TextStyle.Dim)).Append('\n');
            }
        }

        return table.ToString();
    }

    private static void DrawRow(StringBuilder table, string[] row, int[] widths, string[] delimiters)
    {
        List<string>[] lines = [.. row.Select((cell, column) => Lines(cell, widths[column]))];
        int height = lines.Max(static cell => cell.Count);
        string separator = new StyledText(Separator, TextStyle.Dim).ToString();
        for (int line = 0; line < height; line++)
        {
            StringBuilder drawn = new();
            for (int column = 0; column < row.Length; column++)
            {
                string text = line < lines[column].Count ? lines[column][line] : string.Empty;
                int space = Math.Max(0, widths[column] - CellsOf(text));
                bool isRight = delimiters[column].EndsWith(":", StringComparison.Ordinal);
                int before = !isRight ? 0 : delimiters[column].StartsWith(":", StringComparison.Ordinal) ? space / 2 : space;
                drawn.Append(column > 0 ? separator : string.Empty).Append(' ', before).Append(text);
                if (column < row.Length - 1)
                {
                    drawn.Append(' ', space - before);
                }
            }

            table.Append(drawn).Append('\n');
        }
    }

    // A style that a line break cuts ends with its line and begins again with the next, or it would color the other columns.
    private static List<string> Lines(string cell, int width)
    {
        WordWrap wrap = new(width);
        List<string> lines = [];
        string open = string.Empty;
        foreach (string line in (wrap.Add(cell) + wrap.End()).Split('\n'))
        {
            string styled = open + line;
            Match last = s_escape.Matches(styled).Cast<Match>().LastOrDefault() ?? Match.Empty;
            open = last.Value == StyledText.Reset ? string.Empty : last.Value;
            lines.Add(open.Length == 0 ? styled : styled + StyledText.Reset);
        }

        return lines;
    }

    private static string[] Styled(string[] row, int columns, TextStyle style) =>
        [.. Enumerable.Range(0, columns).Select(column => column < row.Length ? string.Concat(InlineMarkdown.Parse(row[column], style)) : string.Empty)];

    private static int CellsOf(string styled) => WordWrap.CellsOf(s_escape.Replace(styled, string.Empty));

    private static string[] Split(string row)
    {
        List<string> cells = [];
        StringBuilder cell = new();
        bool isCode = false;
        string trimmed = row.Trim();
        for (int i = trimmed.StartsWith("|", StringComparison.Ordinal) ? 1 : 0; i < trimmed.Length; i++)
        {
            char c = trimmed[i];
            if (c == '\\' && i + 1 < trimmed.Length && trimmed[i + 1] == '|')
            {
                cell.Append('|');
                i++;
            }
            else if (c == '|' && !isCode)
            {
                cells.Add(cell.ToString().Trim());
                cell.Clear();
            }
            else
            {
                isCode ^= c == '`';
                cell.Append(c);
            }
        }

        if (cell.Length > 0)
        {
            cells.Add(cell.ToString().Trim());
        }

        return [.. cells];
    }
}
