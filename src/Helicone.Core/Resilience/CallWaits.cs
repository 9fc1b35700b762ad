using System;
using System.Collections.Generic;
using System.Threading;

namespace Helicone.Resilience;

/// <summary>The waits of the calls that were started while this was <see cref="Current"/>, so that a long one doesn't look like a hang.</summary>
/// <remarks>
/// Flows with the execution context, like <c>Activity.Current</c>: a command sets it once, and every call that it makes,
/// of whatever API, reports here. Safe for use from several threads.
/// </remarks>
public sealed class CallWaits
{
    private static readonly AsyncLocal<CallWaits?> s_current = new();

    private readonly List<CallWait> _waits = [];
    private readonly TimeSpan _threshold;
    private readonly Action _changed;

    /// <summary>Creates an observer.</summary>
    /// <param name="threshold">Shorter waits are left out.</param>
    /// <param name="changed">Called when a wait has begun or ended, on any thread.</param>
    public CallWaits(TimeSpan threshold, Action changed)
    {
        _threshold = threshold;
        _changed = changed;
    }

    /// <summary>The observer of calls that start here.</summary>
    public static CallWaits? Current
    {
        get => s_current.Value;
        set => s_current.Value = value;
    }

    /// <summary>The number of calls that are waiting.</summary>
    public int Count
    {
        get
        {
            lock (_waits)
            {
                return _waits.Count;
            }
        }
    }

    /// <summary>The wait that ends first: when something happens next. <see langword="null"/> when no call is waiting.</summary>
    public CallWait? Next
    {
        get
        {
            lock (_waits)
            {
                CallWait? next = null;
                foreach (CallWait wait in _waits)
                {
                    next = next is null || wait.Until < next.Until ? wait : next;
                }

                return next;
            }
        }
    }

    /// <summary>Begins a wait.</summary>
    /// <returns>Ends the wait when disposed; <see langword="null"/> for a wait that is too short to report.</returns>
    internal IDisposable? Begin(CallWait wait)
    {
        if (wait.Duration < _threshold)
        {
            return null;
        }

        lock (_waits)
        {
            _waits.Add(wait);
        }

        _changed();
        return new Waiting(this, wait);
    }

    private void End(CallWait wait)
    {
        lock (_waits)
        {
            _waits.RemoveAll(other => ReferenceEquals(other, wait));
        }

        _changed();
    }

    private sealed class Waiting(CallWaits waits, CallWait wait) : IDisposable
    {
        public void Dispose() => waits.End(wait);
    }
}
