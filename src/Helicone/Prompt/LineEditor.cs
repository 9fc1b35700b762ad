using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Threading;
using Helicone.Formatting;
using Helicone.Runtime;

namespace Helicone.Prompt;

/// <summary>Reads a message of one or more lines from the console, with editing, history, and completion.</summary>
/// <remarks>
/// PSReadLine reads PowerShell: an apostrophe in a sentence opens a string there, so that Enter continues the line instead of sending it, and
/// words are colored as commands. It would also mix messages into the history of commands.
/// </remarks>
/// <param name="keys">The keys.</param>
/// <param name="history">The messages before, oldest first.</param>
/// <param name="complete">Completes the text before the cursor.</param>
/// <param name="isStyled">Indicates whether styles may be used.</param>
internal sealed class LineEditor(ConsoleKeys keys, IReadOnlyList<string> history, Func<string, Completions?> complete, bool isStyled)
{
    private const string Continuation = "  ";
    private const string PasteBegin = "[200~";
    private const string PasteEnd = "[201~";
    private const string BracketedPasteOn = "\u001b[?2004h";
    private const string BracketedPasteOff = "\u001b[?2004l";
    private const int MaxCandidateRows = 4;

    private readonly StringBuilder _text = new();
    private readonly List<string> _candidates = [];
    private string _prompt = string.Empty;
    private string _draft = string.Empty;
    private Completions? _completions;
    private int _completion;
    private int _completed;
    private int _cursor;
    private int _historyIndex;
    private int _cursorRow;
    private bool _isPasting;

    private enum Outcome
    {
        Continue,
        Accept,
        Cancel,
        End,
    }

    /// <summary>Indicates whether Ctrl+C ended the last line.</summary>
    public bool IsCanceled { get; private set; }

    /// <summary>Reads a message.</summary>
    /// <returns>The message; an empty one after Ctrl+C; <see langword="null"/> after Ctrl+D.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public string? Read(string prompt, CancellationToken cancellationToken)
    {
        _prompt = prompt;
        _historyIndex = history.Count;
        _draft = string.Empty;
        Set(string.Empty);
        _cursorRow = 0;
        _isPasting = false;
        ConsoleDevice.Write(BracketedPasteOn);
        try
        {
            Draw();
            while (true)
            {
                Outcome outcome = Press(keys.Read(cancellationToken), cancellationToken);
                if (outcome == Outcome.Continue)
                {
                    // A paste is drawn once.
                    if (!keys.IsAvailable)
                    {
                        Draw();
                    }

                    continue;
                }

                _candidates.Clear();
                _cursor = _text.Length;
                Draw();
                IsCanceled = outcome == Outcome.Cancel;
                ConsoleDevice.Write(IsCanceled ? "^C\r\n" : "\r\n");
                return outcome switch
                {
                    Outcome.Accept => _text.ToString(),
                    Outcome.Cancel => string.Empty,
                    _ => null,
                };
            }
        }
        finally
        {
            ConsoleDevice.Write(BracketedPasteOff);
        }
    }

    private Outcome Press(ConsoleKeyInfo key, CancellationToken cancellationToken)
    {
        if (key.Key != ConsoleKey.Tab)
        {
            _completions = null;
            _candidates.Clear();
        }

        if (ConsoleKeys.IsControlC(key))
        {
            return Outcome.Cancel;
        }

        bool isControl = key.Modifiers.HasFlag(ConsoleModifiers.Control);
        switch (key.Key)
        {
            case ConsoleKey.Enter:
                return Enter(key);
            case ConsoleKey.Escape:
                Escape(cancellationToken);
                break;
            case ConsoleKey.Tab when !_isPasting:
                Complete(key.Modifiers.HasFlag(ConsoleModifiers.Shift) ? -1 : 1);
                break;
            case ConsoleKey.Backspace when isControl || key.Modifiers.HasFlag(ConsoleModifiers.Alt):
            case ConsoleKey.W when isControl:
                Delete(WordBefore(), _cursor);
                break;
            case ConsoleKey.Backspace:
            case ConsoleKey.H when isControl:
                Delete(Before(), _cursor);
                break;
            case ConsoleKey.D when isControl && _text.Length == 0:
                return Outcome.End;
            case ConsoleKey.Delete:
            case ConsoleKey.D when isControl:
                Delete(_cursor, After());
                break;
            case ConsoleKey.K when isControl:
                Delete(_cursor, LineEnd());
                break;
            case ConsoleKey.U when isControl:
                Delete(LineStart(), _cursor);
                break;
            case ConsoleKey.LeftArrow when isControl:
                _cursor = WordBefore();
                break;
            case ConsoleKey.RightArrow when isControl:
                _cursor = WordAfter();
                break;
            case ConsoleKey.LeftArrow:
            case ConsoleKey.B when isControl:
                _cursor = Before();
                break;
            case ConsoleKey.RightArrow:
            case ConsoleKey.F when isControl:
                _cursor = After();
                break;
            case ConsoleKey.Home:
            case ConsoleKey.A when isControl:
                _cursor = LineStart();
                break;
            case ConsoleKey.End:
            case ConsoleKey.E when isControl:
                _cursor = LineEnd();
                break;
            case ConsoleKey.UpArrow:
            case ConsoleKey.P when isControl:
                Up();
                break;
            case ConsoleKey.DownArrow:
            case ConsoleKey.N when isControl:
                Down();
                break;
            case ConsoleKey.L when isControl:
                ConsoleDevice.Write("\u001b[2J\u001b[H");
                _cursorRow = 0;
                break;
            default:
                Type(key.KeyChar == '\t' ? "    " : char.IsControl(key.KeyChar) ? string.Empty : key.KeyChar.ToString());
                break;
        }

        return Outcome.Continue;
    }

    private Outcome Enter(ConsoleKeyInfo key)
    {
        if (_isPasting || (key.Modifiers & (ConsoleModifiers.Alt | ConsoleModifiers.Shift | ConsoleModifiers.Control)) != 0)
        {
            Type("\n");
            return Outcome.Continue;
        }

        if (_text.Length > 0 && _text[_text.Length - 1] == '\\')
        {
            // The same as where a host reads the lines, which knows no other key.
            _text[_text.Length - 1] = '\n';
            _cursor = _text.Length;
            return Outcome.Continue;
        }

        return Outcome.Accept;
    }

    // The console doesn't support the sequences around a paste, and passes them on key by key. A person doesn't type that fast.
    private void Escape(CancellationToken cancellationToken)
    {
        StringBuilder sequence = new();
        while (sequence.Length < PasteBegin.Length && keys.IsAvailable)
        {
            ConsoleKeyInfo next = keys.Read(cancellationToken);
            if (next.Key == ConsoleKey.Enter && sequence.Length == 0)
            {
                // Alt+Enter, which a terminal sends as two characters.
                Type("\n");
                return;
            }

            sequence.Append(next.KeyChar);
            if (!PasteBegin.StartsWith(sequence.ToString(), StringComparison.Ordinal) && !PasteEnd.StartsWith(sequence.ToString(), StringComparison.Ordinal))
            {
                break;
            }
        }

        _isPasting = sequence.ToString() switch
        {
            PasteBegin => true,
            PasteEnd => false,
            _ => _isPasting,
        };
    }

    private void Type(string text)
    {
        _text.Insert(_cursor, text);
        _cursor += text.Length;
    }

    private void Delete(int start, int end)
    {
        _text.Remove(start, end - start);
        _cursor = start;
    }

    private void Set(string text)
    {
        _text.Clear().Append(text);
        _cursor = text.Length;
    }

    private void Up()
    {
        int start = LineStart();
        if (start > 0)
        {
            int column = _cursor - start;
            _cursor = start - 1;
            int before = LineStart();
            _cursor = Math.Min(before + column, start - 1);
        }
        else if (_historyIndex > 0)
        {
            if (_historyIndex == history.Count)
            {
                _draft = _text.ToString();
            }

            Set(history[--_historyIndex]);
        }
    }

    private void Down()
    {
        int end = LineEnd();
        if (end < _text.Length)
        {
            int column = _cursor - LineStart();
            _cursor = end + 1;
            _cursor = Math.Min(_cursor + column, LineEnd());
        }
        else if (_historyIndex < history.Count)
        {
            _historyIndex++;
            Set(_historyIndex == history.Count ? _draft : history[_historyIndex]);
        }
    }

    private int LineStart()
    {
        int start = _cursor;
        while (start > 0 && _text[start - 1] != '\n')
        {
            start--;
        }

        return start;
    }

    private int LineEnd()
    {
        int end = _cursor;
        while (end < _text.Length && _text[end] != '\n')
        {
            end++;
        }

        return end;
    }

    private int Before() => _cursor == 0 ? 0 : _cursor > 1 && char.IsLowSurrogate(_text[_cursor - 1]) ? _cursor - 2 : _cursor - 1;

    private int After() => _cursor == _text.Length ? _cursor : _cursor + 1 < _text.Length && char.IsHighSurrogate(_text[_cursor]) ? _cursor + 2 : _cursor + 1;

    private int WordBefore()
    {
        int position = _cursor;
        while (position > 0 && char.IsWhiteSpace(_text[position - 1]))
        {
            position--;
        }

        while (position > 0 && !char.IsWhiteSpace(_text[position - 1]))
        {
            position--;
        }

        return position;
    }

    private int WordAfter()
    {
        int position = _cursor;
        while (position < _text.Length && !char.IsWhiteSpace(_text[position]))
        {
            position++;
        }

        while (position < _text.Length && char.IsWhiteSpace(_text[position]))
        {
            position++;
        }

        return position;
    }

    /// <summary>Completes the text before the cursor: as far as all words agree, then word by word.</summary>
    private void Complete(int step)
    {
        if (_completions is null)
        {
            if (complete(_text.ToString(0, _cursor)) is not { Words.Count: > 0 } found)
            {
                return;
            }

            string shared = found.Words.Aggregate(static (a, b) => a.Substring(0, Shared(a, b)));
            if (found.Words.Count == 1 || shared.Length > _cursor - found.Start)
            {
                Replace(found.Start, shared);
            }

            if (found.Words.Count > 1)
            {
                (_completions, _completion, _completed) = (found, -1, _cursor);
                _candidates.AddRange(found.Words);
            }

            return;
        }

        int count = _completions.Words.Count;
        _completion = _completion < 0 ? (step > 0 ? 0 : count - 1) : (_completion + step + count) % count;
        Replace(_completions.Start, _completions.Words[_completion]);
    }

    private void Replace(int start, string word)
    {
        Delete(start, _cursor);
        Type(word);
        _completed = _cursor;
    }

    private static int Shared(string a, string b)
    {
        int length = 0;
        while (length < a.Length && length < b.Length && char.ToUpperInvariant(a[length]) == char.ToUpperInvariant(b[length]))
        {
            length++;
        }

        return length;
    }

    /// <summary>Draws the prompt, the text, and the candidates over what was drawn before, with moves relative to the cursor.</summary>
    private void Draw()
    {
        // The last column stays free: some terminals start a new line as soon as it is written.
        int width = Math.Max(10, ConsoleDevice.Width - 1);
        int height = Math.Max(2, ConsoleDevice.Height - 1);
        (List<string> rows, int cursorRow, int cursorColumn) = Layout(width);
        int first = Math.Max(0, Math.Min(cursorRow - (height / 2), rows.Count - height));
        List<string> drawn = [.. rows.Skip(first).Take(height)];
        cursorRow -= first;
        drawn.AddRange(CandidateRows(width).Take(Math.Min(MaxCandidateRows, height - drawn.Count)));

        StringBuilder output = new();
        Move(output, _cursorRow, 'A');
        output.Append("\r\u001b[J").Append(string.Join("\r\n", drawn));
        Move(output, drawn.Count - 1 - cursorRow, 'A');
        output.Append('\r');
        Move(output, cursorColumn, 'C');
        ConsoleDevice.Write(output.ToString());
        _cursorRow = cursorRow;
    }

    private (List<string> Rows, int CursorRow, int CursorColumn) Layout(int width)
    {
        List<string> rows = [];
        StringBuilder row = new(isStyled ? new StyledText(_prompt, TextStyle.Bold).ToString() : _prompt);
        int column = WordWrap.CellsOf(_prompt);
        (int cursorRow, int cursorColumn) = (0, column);
        for (int i = 0; i < _text.Length; i++)
        {
            if (_text[i] == '\n')
            {
                Break(Continuation);
                Mark(i + 1);
                continue;
            }

            int length = char.IsHighSurrogate(_text[i]) && i + 1 < _text.Length ? 2 : 1;
            string shown = TerminalText.ShowLine(_text.ToString(i, length));
            int cells = WordWrap.CellsOf(shown);
            if (column + cells > width)
            {
                Break(string.Empty);
                Mark(i);
            }

            row.Append(shown);
            column += cells;
            i += length - 1;
            Mark(i + 1);
        }

        rows.Add(row.ToString());
        return (rows, cursorRow, cursorColumn);

        void Break(string indent)
        {
            rows.Add(row.ToString());
            row.Clear().Append(indent);
            column = indent.Length;
        }

        void Mark(int position)
        {
            if (position == _cursor)
            {
                (cursorRow, cursorColumn) = (rows.Count, column);
            }
        }
    }

    private IEnumerable<string> CandidateRows(int width)
    {
        if (_candidates.Count == 0 || _cursor != _completed)
        {
            yield break;
        }

        int cells = Math.Min(width, _candidates.Max(static word => WordWrap.CellsOf(TerminalText.ShowLine(word))) + 2);
        int columns = Math.Max(1, width / cells);
        for (int start = 0; start < _candidates.Count; start += columns)
        {
            string row = string.Concat(_candidates.Skip(start).Take(columns).Select(word => TerminalText.ShowLine(word).PadRight(cells))).TrimEnd();
            string cut = row.Length > width ? row.Substring(0, width) : row;
            yield return isStyled ? new StyledText(cut, TextStyle.Dim).ToString() : cut;
        }
    }

    private static void Move(StringBuilder output, int cells, char direction)
    {
        if (cells > 0)
        {
            output.Append("\u001b[").Append(cells.ToString(System.Globalization.CultureInfo.InvariantCulture)).Append(direction);
        }
    }
}
