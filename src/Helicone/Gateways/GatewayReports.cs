using System.Collections.Generic;
using System.Text.RegularExpressions;

namespace Helicone.Gateways;

/// <summary>What a local gateway writes on its standard error: all of it for the error of a start that fails, later what concerns the gateway as a whole.</summary>
internal sealed class GatewayReports
{
    private const int KeptLines = 20;

    // Below 20 the gateway speaks of single calls: whoever made one has its error.
    private static readonly Regex s_warning = new(@"^(?:warn|fail|crit): Helicone\.LocalGateway\[[2-9]\d\] (?<text>.+)$", RegexOptions.CultureInvariant);

    private readonly Queue<string> _lines = new();
    private readonly Queue<string> _warnings = new();

    /// <summary>The last lines.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines)
            {
                return _lines.ToArray();
            }
        }
    }

    /// <summary>Takes a line of the gateway; <see langword="null"/> is the end.</summary>
    public void Add(string? line)
    {
        if (string.IsNullOrWhiteSpace(line))
        {
            return;
        }

        lock (_lines)
        {
            Keep(_lines, line!);
            if (s_warning.Match(line) is { Success: true } warning)
            {
                Keep(_warnings, warning.Groups["text"].Value);
            }
        }
    }

    /// <summary>Gives the warnings that nobody has been given yet.</summary>
    public IReadOnlyList<string> TakeWarnings()
    {
        lock (_lines)
        {
            string[] warnings = _warnings.ToArray();
            _warnings.Clear();
            return warnings;
        }
    }

    private static void Keep(Queue<string> queue, string line)
    {
        queue.Enqueue(line);
        if (queue.Count > KeptLines)
        {
            _ = queue.Dequeue();
        }
    }
}
