using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Text.RegularExpressions;

namespace Helicone.Runtime;

/// <summary>The failures of a run by kind: a host shows the first of each kind, and the run ends with one line about all of them.</summary>
internal sealed class FailureGroups
{
    private const int MostIds = 5;

    // Messages of the same kind differ in ids, counts, and times.
    private static readonly Regex s_variable = new(@"[0-9A-Fa-f]{8}[0-9A-Fa-f-]*|\d+(\.\d+)?", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    private readonly HashSet<string> _kinds = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);

    /// <summary>Indicates whether the run has ended. From then on, each error is shown in full when a user looks at it.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Indicates whether an error was one of several of its kind.</summary>
    public bool HasRepeats { get; private set; }

    /// <summary>Adds a failure.</summary>
    /// <returns>Indicates whether the run has had one of the same kind before.</returns>
    public bool Add(ErrorRecord error)
    {
        string id = error.FullyQualifiedErrorId;
        _ids[id] = _ids.TryGetValue(id, out int count) ? count + 1 : 1;
        bool isRepeat = !_kinds.Add(id + " " + s_variable.Replace(error.Exception.Message, "#"));
        HasRepeats |= isRepeat;
        return isRepeat;
    }

    /// <summary>Ends the run.</summary>
    public void End() => IsOver = true;

    /// <summary>The counts by error id, most frequent first: <c>18 x HeliconeRateLimited, 2 x HeliconeTimedOut</c>.</summary>
    public override string ToString()
    {
        IEnumerable<string> ids = _ids
            .OrderByDescending(static id => id.Value)
            .Take(MostIds)
            .Select(static id => string.Format(CultureInfo.InvariantCulture, "{0} x {1}", id.Value, id.Key));
        return string.Join(", ", ids) + (_ids.Count > MostIds ? ", …" : string.Empty);
    }
}
