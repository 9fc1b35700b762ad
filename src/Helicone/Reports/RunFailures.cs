using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;

namespace Helicone.Reports;

/// <summary>Failures of a run, those that say the same counted together.</summary>
internal sealed class RunFailures
{
    private readonly Dictionary<(string Id, string Message), int> _groups = [];

    /// <summary>The id and the message of each kind, and how often it came; the most frequent first.</summary>
    public IReadOnlyList<(string Id, string Message, int Count)> Groups =>
        [.. _groups.Select(static group => (group.Key.Id, group.Key.Message, group.Value)).OrderByDescending(static group => group.Value)];

    public void Add(ErrorRecord error)
    {
        string message = error.ErrorDetails?.Message is { Length: > 0 } details ? details : error.Exception?.Message ?? error.ToString();
        (string, string) key = (error.FullyQualifiedErrorId.Split(',')[0], TerminalText.ShowLine(message));
        _groups[key] = _groups.TryGetValue(key, out int count) ? count + 1 : 1;
    }
}
