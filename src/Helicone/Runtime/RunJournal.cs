using System;
using System.Globalization;
using Helicone.Bulk;
using Helicone.Commands;
using Helicone.Errors;

namespace Helicone.Runtime;

/// <summary>The journal of a run, and what a person needs to know about it: the results of earlier runs, and the lines that this run couldn't use.</summary>
internal sealed class RunJournal : IDisposable
{
    private readonly EngineCommand _cmdlet;
    private readonly string _path;
    private readonly bool _skipsSent;

    /// <summary>Opens the journal. A journal that can't be used ends the command.</summary>
    /// <param name="cmdlet">The command.</param>
    /// <param name="file">The path as the user wrote it.</param>
    /// <param name="skipsSent">Indicates whether items that were sent and never answered are left.</param>
    public RunJournal(EngineCommand cmdlet, string file, bool skipsSent)
    {
        _cmdlet = cmdlet;
        _skipsSent = skipsSent;
        _path = cmdlet.GetUnresolvedProviderPathFromPSPath(file);
        try
        {
            Journal = BulkJournal.Open(_path);
        }
        catch (JournalException e)
        {
            cmdlet.ThrowTerminatingError(ErrorRecords.From(e, file));
            throw;
        }
    }

    public BulkJournal Journal { get; }

    /// <summary>Reports what earlier runs left.</summary>
    public void Report()
    {
        _cmdlet.WriteVerbose(string.Format(CultureInfo.InvariantCulture, "The journal '{0}' contains {1} answers and {2} errors of earlier runs.", _path, Journal.Done, Journal.Failed));
        if (Journal.Unmatched > 0)
        {
            _cmdlet.WriteVerbose(string.Format(CultureInfo.InvariantCulture, "An earlier version of this module wrote {0} of these answers. They are used for inputs whose request and headers are the same as then.", Journal.Unmatched));
        }

        if (Journal.Unreadable > 0)
        {
            _cmdlet.WriteWarning(string.Format(
                CultureInfo.InvariantCulture,
                "{0} of the journal '{1}' can't be read and {2} skipped. A crash while the journal was written does that. The inputs of these lines are sent again.",
                Count(Journal.Unreadable, "line"),
                _path,
                Journal.Unreadable == 1 ? "was" : "were"));
        }

        if (Journal.Sent > 0)
        {
            _cmdlet.WriteWarning(string.Format(
                CultureInfo.InvariantCulture,
                "An earlier run with the journal '{0}' sent {1} and was interrupted before the answers arrived, so it's unknown whether they were answered. {2}",
                _path,
                Count(Journal.Sent, "item"),
                _skipsSent ? "They aren't sent again, and each is an error." : "They are sent again, so you may pay twice. To skip them, use -Resume Skip."));
        }
    }

    /// <summary>Reports the answers of an earlier version of this module that the run couldn't use.</summary>
    public void ReportUnmatched()
    {
        if (Journal.Unmatched is > 0 and int unmatched)
        {
            _cmdlet.WriteWarning(string.Format(
                CultureInfo.InvariantCulture,
                "The journal '{0}' has {1} from an earlier version of this module that {2} no input of this run: the keys of that version can't always be recomputed. Inputs without a matching answer were sent.",
                Journal.Path,
                Count(unmatched, "answer"),
                unmatched == 1 ? "matches" : "match"));
        }
    }

    public void Dispose() => Journal.Dispose();

    private static string Count(int count, string what) => count == 1 ? "1 " + what : count.ToString(CultureInfo.InvariantCulture) + " " + what + "s";
}
