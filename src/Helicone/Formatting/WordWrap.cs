using System;
using System.Management.Automation.Host;
using System.Text;

namespace Helicone.Formatting;

/// <summary>Breaks lines between words, for text that is there as a whole and for text that arrives in pieces. The engine breaks them anywhere, except in a few languages.</summary>
/// <param name="width">The number of cells in a line.</param>
internal sealed class WordWrap(int width)
{
    // Narrower than this, a break between words looks worse than one inside of them.
    private const int Narrowest = 20;

    // A word that begins further from the end of the line than this is shown while it arrives: few are longer.
    private const int LongestWord = 16;

    private readonly StringBuilder _word = new();
    private int _wordCells;
    private int _spaces;
    private int _column;
    private bool _isInEscape;
    private string _indent = string.Empty;
    private int _indentCells;

    /// <summary>The number of cells in a line.</summary>
    public int Width => width;

    /// <summary>A wrap for the window of a host; <see langword="null"/> for one without a window.</summary>
    public static WordWrap? For(PSHost host)
    {
        try
        {
            // The last column stays free: some terminals start a new line as soon as it is written.
            return host.UI?.RawUI is { } window && window.BufferSize.Width > Narrowest ? new WordWrap(window.BufferSize.Width - 1) : null;
        }
        catch (Exception e) when (e is HostException or NotImplementedException or InvalidOperationException)
        {
            // The host of a job has no window.
            return null;
        }
    }

    /// <summary>The number of cells that text takes.</summary>
    public static int CellsOf(string text)
    {
        int cells = 0;
        foreach (char c in text)
        {
            cells += Cells(c);
        }

        return cells;
    }

    /// <summary>Sets what the lines begin with that a break between words makes.</summary>
    /// <param name="indent">The text, which may contain escape sequences.</param>
    /// <param name="cells">The number of cells that it takes.</param>
    public void Indent(string indent, int cells) => (_indent, _indentCells) = (indent, cells);

    /// <summary>Adds text, and returns what can be shown of all that was added: everything, except a last word that may not fit the line once it is complete.</summary>
    public string Add(string text)
    {
        StringBuilder shown = new(text.Length + 8);
        foreach (char c in text)
        {
            if (_isInEscape || c == '\u001b')
            {
                // The text of others has none: it is a color or a style of ours, which takes no cell.
                _word.Append(c);
                _isInEscape = c != 'm';
                continue;
            }

            int cells = Cells(c);
            switch (c)
            {
                case '\n':
                    EndWord(shown);
                    shown.Append(c);
                    _spaces = _column = 0;
                    break;
                case ' ':
                    EndWord(shown);
                    _spaces++;
                    break;
                default:
                    // Ideographs have no spaces between them; a word that fills a line is not worth waiting for.
                    if (cells > 1 || _wordCells >= width)
                    {
                        EndWord(shown);
                    }

                    _word.Append(c);
                    _wordCells += cells;
                    if (cells > 1)
                    {
                        EndWord(shown);
                    }

                    break;
            }
        }

        if (_column + _spaces + _wordCells <= width - LongestWord)
        {
            EndWord(shown);
        }

        return shown.ToString();
    }

    /// <summary>Returns the last word.</summary>
    public string End()
    {
        StringBuilder shown = new();
        EndWord(shown);
        shown.Append(' ', _spaces);
        _spaces = _column = 0;
        return shown.ToString();
    }

    private void EndWord(StringBuilder shown)
    {
        if (_wordCells == 0)
        {
            shown.Append(_word);
            _word.Clear();
            return;
        }

        // Spaces at the start of a line are its indentation; those at the end of one have done their work.
        if (_column > _indentCells && _column + _spaces + _wordCells > width)
        {
            shown.Append('\n').Append(_indent);
            _column = _indentCells;
        }
        else
        {
            shown.Append(' ', _spaces);
            _column += _spaces;
        }

        shown.Append(_word);
        _column += _wordCells;
        _word.Clear();
        _spaces = _wordCells = 0;
    }

    // The ranges that PowerShell's own console counts as two cells.
    private static int Cells(char c) => c >= 0x1100 &&
        (c <= 0x115f
            || c is '\u2329' or '\u232a'
            || (c is >= '\u2e80' and <= '\ua4cf' && c != '\u303f')
            || c is >= '\uac00' and <= '\ud7a3' or >= '\uf900' and <= '\ufaff' or >= '\ufe10' and <= '\ufe19' or >= '\ufe30' and <= '\ufe6f' or >= '\uff00' and <= '\uff60' or >= '\uffe0' and <= '\uffe6')
        ? 2
        : 1;
}
