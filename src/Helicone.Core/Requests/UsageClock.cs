using System;
using System.Collections.Generic;
using System.Linq;

namespace Helicone.Requests;

/// <summary>Divides a time span into at most 16 intervals: minutes, hours, or days of local time.</summary>
internal sealed class UsageClock
{
    private const int MaxIntervals = 16;

    private static readonly TimeSpan[] s_steps =
    [
        .. new double[] { 1, 2, 5, 10, 15, 30 }.Select(TimeSpan.FromMinutes),
        .. new double[] { 1, 2, 3, 6, 12 }.Select(TimeSpan.FromHours),
        .. new double[] { 1, 2, 3, 7, 14, 30, 90, 365 }.Select(TimeSpan.FromDays),
    ];

    private readonly TimeSpan _step;

    /// <param name="since">The beginning, in local time.</param>
    /// <param name="until">The end, in local time.</param>
    public UsageClock(DateTime since, DateTime until)
    {
        (Since, Until) = (since, until);
        _step = Array.Find(s_steps, step => Count(step) <= MaxIntervals);
        if (_step == TimeSpan.Zero)
        {
            _step = TimeSpan.FromDays(Math.Ceiling((until - since).TotalDays / (MaxIntervals - 1)));
        }

        DateTime first = Floor(_step);
        Starts = [.. Enumerable.Range(0, (int)Count(_step)).Select(i => first + TimeSpan.FromTicks(_step.Ticks * i))];
    }

    public DateTime Since { get; }

    public DateTime Until { get; }

    /// <summary>The beginning of each interval.</summary>
    public IReadOnlyList<DateTime> Starts { get; }

    /// <summary>The number of the interval that a time is in; -1 for a time outside.</summary>
    public int IndexOf(DateTime time)
    {
        long index = (time - Starts[0]).Ticks;
        index = index < 0 ? -1 : index / _step.Ticks;
        return index < Starts.Count ? (int)index : -1;
    }

    // An end at midnight doesn't begin another day.
    private long Count(TimeSpan step) => Math.Max(1, ((Until - Floor(step)).Ticks + step.Ticks - 1) / step.Ticks);

    private DateTime Floor(TimeSpan step) => step < TimeSpan.FromDays(1) ? Since.Date + TimeSpan.FromTicks(Since.TimeOfDay.Ticks / step.Ticks * step.Ticks) : Since.Date;
}
