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

    // Shorter runs end before anybody has read it.
    private const int WorthShowing = 5;

    /// <summary>How often the bar is drawn.</summary>
    public const int MillisecondsBetween = 200;

    private readonly Stopwatch _sinceStart = Stopwatch.StartNew();
    private readonly Stopwatch _sinceShown = new();
    private int _fromJournal;
    private int _paid;
    private int _unpriced;
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
        if (fromJournal)
        {
            _fromJournal++;
            return;
        }

        Paid(cost);
    }

    private void Paid(decimal? cost)
    {
        _paid++;
        _unpriced += cost is null ? 1 : 0;
        _cost += cost ?? 0;
    }

    /// <summary>An item failed.</summary>
    /// <param name="isPaid">Indicates whether answers came that can't be used.</param>
    /// <param name="cost">Their cost; <see langword="null"/> when it isn't known.</param>
    public void Failed(bool isPaid, decimal? cost)
    {
        FailedCount++;
        if (isPaid)
        {
            Paid(cost);
        }
    }

    /// <summary>Shows the state of the run, a few times a second at most.</summary>
    /// <param name="inFlight">The number of calls under way.</param>
    /// <param name="left">The number of items that were taken from the input and not yet written.</param>
    public void Show(int inFlight, int left)
    {
        int finished = Done + FailedCount;
        if (finished + left < WorthShowing || (_sinceShown.IsRunning && _sinceShown.ElapsedMilliseconds < MillisecondsBetween))
        {
            return;
        }

        _sinceShown.Restart();
        _shown = true;
        double perSecond = (finished - _fromJournal) / Math.Max(_sinceStart.Elapsed.TotalSeconds, 0.001);
        TimeSpan? remaining = _inputIsComplete && perSecond > 0 ? TimeSpan.FromSeconds(Math.Ceiling(left / perSecond)) : null;

        // A host may keep a record until it draws: each one is new. Without a total the bar stays empty: a negative percentage draws a full one.
        cmdlet.WriteProgress(new ProgressRecord(ActivityId, activity, Status(inFlight, perSecond, remaining))
        {
            PercentComplete = _inputIsComplete ? (int)(100L * finished / (finished + left)) : 0,
            SecondsRemaining = (int?)remaining?.TotalSeconds ?? -1,
        });
    }

    /// <summary>Takes the bar away.</summary>
    public void Close()
    {
        if (_shown)
        {
            cmdlet.WriteProgress(new ProgressRecord(ActivityId, activity, Status(0, 0, null)) { RecordType = ProgressRecordType.Completed });
        }
    }

    private string Status(int inFlight, double perSecond, TimeSpan? remaining)
    {
        StringBuilder status = new();
        Add("{0} done", Done);
        if (_fromJournal > 0)
        {
            Add(" ({0} from the journal)", _fromJournal);
        }

        Add(", {0} in flight", inFlight);
        if (FailedCount > 0)
        {
            Add(", {0} failed", FailedCount);
        }

        if (_paid > _unpriced)
        {
            Add(", ${0:0.0000}", _cost);
        }

        if (_unpriced > 0)
        {
            // An unknown cost is not zero.
            Add(", {0} without a price", _unpriced);
        }

        if (perSecond > 0)
        {
            Add(perSecond >= 1 ? ", {0:0.0}/s" : ", {1:0.0}/min", perSecond, perSecond * 60);
        }

        if (remaining is { } time)
        {
            Add(time.TotalHours >= 1 ? ", {0:h\\:mm\\:ss} left" : ", {0:m\\:ss} left", time);
        }

        return status.ToString();

        void Add(string format, params object[] values) => status.AppendFormat(CultureInfo.InvariantCulture, format, values);
    }
}
