using System.Management.Automation.Host;

namespace Helicone.Formatting;

/// <summary>What a person sees of an answer that arrives in pieces: the same as of a whole one, whatever the pieces are.</summary>
internal sealed class StreamView
{
    private readonly WordWrap? _wrap;
    private readonly MarkdownText? _markdown;
    private string _rest = string.Empty;
    private bool _isInLine;

    /// <param name="host">The host that shows it.</param>
    /// <param name="isRendered">Indicates whether Markdown is rendered. Otherwise, the text is shown as it was written.</param>
    public StreamView(PSHost host, bool isRendered = false)
    {
        _wrap = WordWrap.For(host);
        _markdown = isRendered ? new MarkdownText(_wrap) : null;
    }

    /// <summary>Adds a piece, and returns what can be shown.</summary>
    public string Add(string piece)
    {
        // The other half of a line break may be in the next piece.
        string text = _rest + piece;
        bool isCut = text.Length > 0 && text[text.Length - 1] == '\r';
        _rest = isCut ? text.Substring(text.Length - 1) : string.Empty;
        return Track(Shown(isCut ? text.Substring(0, text.Length - 1) : text));
    }

    /// <summary>Returns what was held back.</summary>
    /// <param name="isInLine">Indicates whether the cursor is behind text when this has been shown.</param>
    public string End(out bool isInLine)
    {
        string last = Track(Shown(_rest) + (_markdown is null ? _wrap?.End() : _markdown.End()));
        isInLine = _isInLine;
        _rest = string.Empty;
        _isInLine = false;
        return last;
    }

    private string Shown(string text)
    {
        string shown = TerminalText.Show(text);
        return _markdown is not null ? _markdown.Add(shown) : _wrap is not null ? _wrap.Add(shown) : shown;
    }

    private string Track(string shown)
    {
        if (shown.Length > 0)
        {
            _isInLine = shown[shown.Length - 1] != '\n';
        }

        return shown;
    }
}
