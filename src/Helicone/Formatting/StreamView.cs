using System.Management.Automation.Host;

namespace Helicone.Formatting;

/// <summary>What a person sees of an answer that arrives in pieces: the same as of a whole one, whatever the pieces are.</summary>
internal sealed class StreamView(PSHost host)
{
    private readonly WordWrap? _wrap = WordWrap.For(host);
    private string _rest = string.Empty;

    /// <summary>Indicates whether the cursor is behind text that has been shown, or will be with <see cref="End"/>.</summary>
    public bool IsInLine { get; private set; }

    /// <summary>Adds a piece, and returns what can be shown.</summary>
    public string Add(string piece)
    {
        // The other half of a line break may be in the next piece.
        string text = _rest + piece;
        IsInLine = text.Length > 0 ? text[text.Length - 1] != '\n' : IsInLine;
        bool isCut = text.Length > 0 && text[text.Length - 1] == '\r';
        _rest = isCut ? text.Substring(text.Length - 1) : string.Empty;
        return Shown(isCut ? text.Substring(0, text.Length - 1) : text);
    }

    /// <summary>Returns what was held back.</summary>
    public string End()
    {
        string last = Shown(_rest) + _wrap?.End();
        _rest = string.Empty;
        IsInLine = false;
        return last;
    }

    private string Shown(string text)
    {
        string shown = TerminalText.Show(text);
        return _wrap is null ? shown : _wrap.Add(shown);
    }
}
