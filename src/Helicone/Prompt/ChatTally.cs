using System.Globalization;
using Helicone.Chat;
using Helicone.Formatting;

namespace Helicone.Prompt;

/// <summary>What the calls of a chat took. Removing a message from the conversation doesn't remove its cost.</summary>
internal sealed class ChatTally
{
    private int _calls;
    private long _tokens;
    private decimal _cost;
    private int _unpriced;

    /// <summary>Counts an answer.</summary>
    public void Add(ChatCompletion completion)
    {
        _calls++;
        _tokens += completion.Usage?.TotalTokens ?? 0;
        if (completion.Cost is { } cost)
        {
            _cost += cost;
        }
        else
        {
            _unpriced++;
        }
    }

    /// <summary>Counts an answer that was cut off after it was sent. Its cost isn't known.</summary>
    public void AddCutOff()
    {
        _calls++;
        _unpriced++;
    }

    /// <summary>The calls, tokens, and cost.</summary>
    public override string ToString()
    {
        string unknown = _unpriced == 0 ? string.Empty : _unpriced == 1 ? " (? is 1 call of unknown cost)" : string.Format(CultureInfo.InvariantCulture, " (? are {0} calls of unknown cost)", _unpriced);
        return string.Format(CultureInfo.InvariantCulture, "{0:N0} {1}, {2:N0} tokens, {3}{4}", _calls, _calls == 1 ? "call" : "calls", _tokens, Cell.Total(_cost, _unpriced), unknown);
    }
}
