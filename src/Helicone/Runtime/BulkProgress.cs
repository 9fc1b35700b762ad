using System;
using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;
using System.Text;
using Helicone.Commands;

namespace Helicone.Runtime;

/// <summary>The progress bar of a run of many calls: done, in flight, failed, how fast, spent, and how long it will take once all of the input is there.</summary>
internal sealed class BulkProgress(EngineCommand cmdlet, string activity)
{
    private const int ActivityId = 1;

    // Fewer are over before anybody has read it.
    private const int WorthShowing = 5;
    private const int MillisecondsBetween = 200;

    private readonly Stopwatch _sinceStart = Stopwatch.StartNew();
    private readonly Stopwatch _sinceShown = new();
    private int _fromJournal;
    private decimal _cost;
    private bool _shown;
    private bool _inputIsComplete;

    /// <summary>How many have an answer.</summary>
    public int Done { get; private set; }

    /// <summary>How many failed.</summary>
    public int FailedCount { get; private set; }

    /// <summary>Nothing more will come: from here on it is known what is left, and shown at once.</summary>
    public void InputIsComplete()
    {
        _inputIsComplete = true;
        _sinceShown.Reset();
    }

    public void Succeeded(decimal? cost, bool fromJournal)
    {
        Done++;
        _fromJournal += fromJournal ? 1 : 0;
        _cost += cost ?? 0;
    }

    public void Failed() => FailedCount++;

    /// <summary>Shows where the run stands, a few times a second at most.</summary>
    public void Show(int inFlight)
    {
        int finished = Done + FailedCount;
        if (finished + inFlight < WorthShowing || (_sinceShown.IsRunning && _sinceShown.ElapsedMilliseconds < MillisecondsBetween))
        {
            return;
        }

        _sinceShown.Restart();
        _shown = true;
        double perSecond = (finished - _fromJournal) / Math.Max(_sinceStart.Elapsed.TotalSeconds, 0.001);

        // A host may keep a record until it draws: each one is new.
        ProgressRecord record = new(ActivityId, activity, Status(inFlight, perSecond));
        if (_inputIsComplete)
        {
            record.PercentComplete = (int)(100L * finished / (finished + inFlight));
            record.SecondsRemaining = perSecond > 0 ? (int)Math.Ceiling(inFlight / perSecond) : -1;
        }

        cmdlet.WriteProgress(record);
    }

    /// <summary>Takes the bar away.</summary>
    public void Close()
    {
        if (_shown)
        {
            cmdlet.WriteProgress(new ProgressRecord(ActivityId, activity, Status(0, 0)) { RecordType = ProgressRecordType.Completed });
        }
    }

    private string Status(int inFlight, double perSecond)
    {
        StringBuilder status = new();
        status.AppendFormat(CultureInfo.InvariantCulture, "{0} done", Done);
        if (_fromJournal > 0)
        {
            status.AppendFormat(CultureInfo.InvariantCulture, " ({0} from the journal)", _fromJournal);
        }

        status.AppendFormat(CultureInfo.InvariantCulture, ", {0} in flight, {1} failed", inFlight, FailedCount);
        if (perSecond > 0)
        {
            status.AppendFormat(CultureInfo.InvariantCulture, perSecond >= 1 ? ", {0:0.0}/s" : ", {1:0.0}/min", perSecond, perSecond * 60);
        }

        return _cost > 0 ? status.AppendFormat(CultureInfo.InvariantCulture, ", ${0:0.0000}", _cost).ToString() : status.ToString();
    }
}
