using System;
using System.Threading;
using Helicone.Errors;

namespace Helicone.Resilience;

/// <summary>Cancels a call when one of its time limits is reached, and reports which one. One timer serves all of them.</summary>
internal sealed class Watchdog : IDisposable
{
    private readonly TimeProvider _time;
    private readonly CancellationToken _caller;
    private readonly ITimer _timer;
    private readonly long _started;
    private readonly TimeSpan _total;
    private readonly object _gate = new();
    private CancellationTokenSource _attempt;
    private CancellationTokenSource? _call;
    private long _phaseStarted;
    private long _heldAt;
    private TimeSpan _held;
    private TimeSpan _phaseLimit = Timeout.InfiniteTimeSpan;
    private TimeoutPhase _phase;
    private bool _dormant;
    private bool _disposed;

    internal Watchdog(TimeProvider time, TimeSpan total, CancellationToken cancellationToken)
    {
        _time = time;
        _total = total;
        _caller = cancellationToken;
        _started = _phaseStarted = time.GetTimestamp();
        _attempt = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Token = _attempt.Token;

        // Started only when it can be read: its callback looks at it.
        _timer = time.CreateTimer(static state => ((Watchdog)state!).Check(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(total, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Another one for the time that is left: what it notices does not end the call.</summary>
    internal Watchdog CreateForAttempt(CancellationToken cancellationToken) =>
        new(_time, Remaining > TimeSpan.Zero ? Remaining : TimeSpan.FromTicks(1), cancellationToken);

    /// <summary>Of the attempt: cancelled by the caller's token or by a limit.</summary>
    internal CancellationToken Token { get; private set; }

    /// <summary>The limit that ran out.</summary>
    internal TimeoutPhase? Expired { get; private set; }

    internal TimeSpan Elapsed => _time.GetElapsedTime(_started);

    /// <summary>The time that is left of the total, not counting the time for which the clock was held.</summary>
    internal TimeSpan Remaining
    {
        get
        {
            lock (_gate)
            {
                TimeSpan held = _heldAt == 0 ? _held : _held + _time.GetElapsedTime(_heldAt);
                return _total + held - Elapsed;
            }
        }
    }

    /// <summary>For the waits between attempts: cancelled by the caller's token or the total, not by an attempt's own limits.</summary>
    internal CancellationToken CallToken
    {
        get
        {
            lock (_gate)
            {
                _call ??= CancellationTokenSource.CreateLinkedTokenSource(_caller);
                if (Expired == TimeoutPhase.Total)
                {
                    _call.Cancel();
                }

                return _call.Token;
            }
        }
    }

    /// <summary>Makes the token good for another attempt after a limit of the one before has run out.</summary>
    internal void BeginAttempt()
    {
        lock (_gate)
        {
            _phaseLimit = Timeout.InfiniteTimeSpan;
            if (Expired is null or TimeoutPhase.Total)
            {
                return;
            }

            _attempt.Dispose();
            _attempt = CancellationTokenSource.CreateLinkedTokenSource(_caller);
            Token = _attempt.Token;
            Expired = null;
            Schedule();
        }
    }

    /// <summary>Stops the clock of the total until the result is disposed.</summary>
    internal IDisposable Hold()
    {
        lock (_gate)
        {
            _heldAt = _time.GetTimestamp();
        }

        return new Held(this);
    }

    /// <summary>Begins a phase with a separate limit. Replaces the previous phase.</summary>
    internal void Begin(TimeoutPhase phase, TimeSpan limit)
    {
        lock (_gate)
        {
            _phase = phase;
            _phaseLimit = limit;
            _phaseStarted = _time.GetTimestamp();
            _dormant = false;
            Schedule();
        }
    }

    /// <summary>Stops the clock of silence while nothing is being waited for, such as while a consumer is busy with what came: only the total counts.</summary>
    internal void Pause()
    {
        if (_phase == TimeoutPhase.Idle)
        {
            Volatile.Write(ref _phaseStarted, 0);
        }
    }

    /// <summary>Starts the clock of silence anew. Cheap for the same reason as <see cref="Touch"/>.</summary>
    internal void Resume()
    {
        if (_phase != TimeoutPhase.Idle)
        {
            return;
        }

        // A full fence: either the timer sees the phase run, or this sees that the timer has gone to sleep.
        Interlocked.Exchange(ref _phaseStarted, _time.GetTimestamp());
        if (Volatile.Read(ref _dormant))
        {
            lock (_gate)
            {
                _dormant = false;
                Schedule();
            }
        }
    }

    /// <summary>Something arrived: a phase of silence begins anew. Cheap, because the timer is left as it is and looks again when it fires.</summary>
    internal void Touch()
    {
        if (_phase == TimeoutPhase.Idle)
        {
            Volatile.Write(ref _phaseStarted, _time.GetTimestamp());
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
        }

        _timer.Dispose();
        _attempt.Dispose();
        _call?.Dispose();
    }

    private bool PhaseRuns => Expired is null && _phaseLimit != Timeout.InfiniteTimeSpan && Volatile.Read(ref _phaseStarted) != 0;

    private void Check()
    {
        CancellationTokenSource? attempt = null;
        CancellationTokenSource? call = null;
        lock (_gate)
        {
            if (_disposed || Expired == TimeoutPhase.Total)
            {
                return;
            }

            if (Remaining <= TimeSpan.Zero)
            {
                Expired = TimeoutPhase.Total;
                attempt = _attempt;
                call = _call;
            }
            else if (PhaseRuns && _time.GetElapsedTime(Volatile.Read(ref _phaseStarted)) >= _phaseLimit)
            {
                Expired = _phase;
                attempt = _attempt;
                Schedule();
            }
            else
            {
                // A paused phase has no end to wake up for.
                Volatile.Write(ref _dormant, true);
                Interlocked.MemoryBarrier();
                if (PhaseRuns)
                {
                    _dormant = false;
                }

                Schedule();
            }
        }

        // Outside the lock: the callbacks of the tokens run on this thread.
        Cancel(attempt);
        Cancel(call);
    }

    private void Release()
    {
        lock (_gate)
        {
            _held += _time.GetElapsedTime(_heldAt);
            _heldAt = 0;
            Schedule();
        }
    }

    private static void Cancel(CancellationTokenSource? source)
    {
        try
        {
            source?.Cancel();
        }
        catch (Exception e) when (e is ObjectDisposedException or AggregateException)
        {
            // The call ended between the check and here, or someone's callback failed: on a timer's thread either would end the process.
        }
    }

    private void Schedule()
    {
        TimeSpan due = Remaining;
        if (PhaseRuns)
        {
            TimeSpan phase = _phaseLimit - _time.GetElapsedTime(Volatile.Read(ref _phaseStarted));
            due = phase < due ? phase : due;
        }

        // A timer may fire a hair early; a millisecond more keeps it from spinning.
        _timer.Change(due <= TimeSpan.Zero ? TimeSpan.Zero : due + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
    }

    private sealed class Held(Watchdog watchdog) : IDisposable
    {
        public void Dispose() => watchdog.Release();
    }
}
