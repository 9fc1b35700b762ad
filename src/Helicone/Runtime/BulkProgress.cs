using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;

namespace Helicone.Runtime;

/// <summary>The progress bar of a run of many calls: done, in flight, failed, spent.</summary>
internal sealed class BulkProgress(Cmdlet cmdlet, string activity)
{
    // Fewer are over before anybody has read it.
    private const int WorthShowing = 5;
    private const int MillisecondsBetween = 200;

    private readonly ProgressRecord _record = new(1, activity, " ");
    private readonly Stopwatch _sinceShown = new();
    private int _done;
    private int _failed;
    private decimal _cost;
    private bool _shown;

    /// <summary>How many are over, one way or the other.</summary>
    public int Finished => _done + _failed;

    public void Succeeded(decimal? cost)
    {
        _done++;
        _cost += cost ?? 0;
    }

    public void Failed() => _failed++;

    /// <summary>Shows where the run stands, a few times a second at most.</summary>
    public void Show(int inFlight)
    {
        if (_done + _failed + inFlight < WorthShowing || (_sinceShown.IsRunning && _sinceShown.ElapsedMilliseconds < MillisecondsBetween))
        {
            return;
        }

        _sinceShown.Restart();
        _shown = true;
        string status = string.Format(CultureInfo.InvariantCulture, "{0} done, {1} in flight, {2} failed", _done, inFlight, _failed);
        _record.StatusDescription = _cost > 0 ? status + string.Format(CultureInfo.InvariantCulture, ", ${0:0.0000}", _cost) : status;
        cmdlet.WriteProgress(_record);
    }

    /// <summary>Takes the bar away.</summary>
    public void Close()
    {
        if (_shown)
        {
            _record.RecordType = ProgressRecordType.Completed;
            cmdlet.WriteProgress(_record);
        }
    }
}
