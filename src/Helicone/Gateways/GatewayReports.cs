using System.Collections.Generic;
using System.Text.RegularExpressions;

namespace Helicone.Gateways;

/// <summary>What a local gateway writes: the beginning and the end of it for the error of a failed start, later the warnings that concern the gateway as a whole.</summary>
internal sealed class GatewayReports
{
    private const int KeptLines = 20;

    // Below 20, the gateway reports single calls, whose callers receive the error.
    private static readonly Regex s_warning = new(@"^(?:warn|fail|crit): Helicone\.LocalGateway\[[2-9]\d\] (?<text>.+)$", RegexOptions.CultureInvariant);

    // The reason is at the beginning of an unhandled exception, and at the end of a log.
    private readonly List<string> _first = [];
    private readonly Queue<string> _lines = new();
    private readonly Queue<string> _warnings = new();
    private int _count;

    /// <summary>The first and the last lines.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines)
            {
                int left = _count - _first.Count - _lines.Count;
                return left == 0 ? [.. _first, .. _lines] : [.. _first, $"… {left} more lines …", .. _lines];
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
            _count++;
            if (_first.Count < KeptLines)
            {
                _first.Add(line!);
            }
            else
            {
                Keep(_lines, line!);
            }

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
