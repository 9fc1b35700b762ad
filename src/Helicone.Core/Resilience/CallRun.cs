using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Errors;
using Helicone.Http;

namespace Helicone.Resilience;

/// <summary>One call from its first attempt to its outcome: its limits, its attempts, its clock.</summary>
internal sealed class CallRun : IDisposable
{
    private readonly HeliconeTransport _transport;
    private readonly CancellationToken _caller;
    private readonly List<CallAttempt> _attempts = [];
    private readonly int _maxRetries;
    private readonly bool _serverRetries;
    private readonly bool _onlyUnprocessed;
    private readonly Action<CallAttempt>? _onRetry;
    private readonly AttemptGate? _gate;
    private readonly CallWaits? _waits = CallWaits.Current;
    private readonly TimeSpan _total;
    private TimeSpan _attemptStarted;
    private IDisposable? _wait;
    private int _retries;
    private int _limitedRetries;
    private IReadOnlyList<UpstreamAttempt> _upstream = [];
    private bool _answering;

    internal CallRun(HeliconeTransport transport, RequestOptions options, bool serverRetries, CancellationToken cancellationToken)
    {
        HeliconeOptions defaults = transport.Options;
        _transport = transport;
        _caller = cancellationToken;
        _maxRetries = options.MaxRetries ?? defaults.MaxRetries;
        _serverRetries = serverRetries;
        _onlyUnprocessed = options.RetryOnlyUnprocessed;
        _onRetry = options.OnRetry;
        _gate = options.Gate;
        _total = options.TotalTimeout ?? defaults.TotalTimeout;
        FirstTokenTimeout = options.FirstTokenTimeout ?? defaults.FirstTokenTimeout;
        IdleTimeout = options.IdleTimeout ?? defaults.IdleTimeout;
        HeliconeOptions.CheckRetries(_maxRetries, nameof(options.MaxRetries));
        HeliconeOptions.CheckTime(_total, nameof(options.TotalTimeout));
        HeliconeOptions.CheckTime(FirstTokenTimeout, nameof(options.FirstTokenTimeout));
        HeliconeOptions.CheckTime(IdleTimeout, nameof(options.IdleTimeout));
        Watchdog = new Watchdog(defaults.TimeProvider, _total, cancellationToken);
    }

    internal Watchdog Watchdog { get; }

    /// <summary>Of the attempt that runs.</summary>
    internal CancellationToken Token => Watchdog.Token;

    /// <summary>Of the whole call, for the waits between attempts.</summary>
    internal CancellationToken CallToken => Watchdog.CallToken;

    internal TimeSpan FirstTokenTimeout { get; }

    internal TimeSpan IdleTimeout { get; }

    /// <summary>Since the call began.</summary>
    internal TimeSpan Elapsed => Watchdog.Elapsed;

    internal IReadOnlyList<CallAttempt> Attempts => _attempts;

    /// <summary>Whether the caller wants no answer any more.</summary>
    internal bool IsCancelled => _caller.IsCancellationRequested;

    public void Dispose() => Watchdog.Dispose();

    /// <summary>Runs attempts until one succeeds or none may follow.</summary>
    internal async Task<T> ExecuteAsync<T>(Func<Task<T>> attempt)
    {
        try
        {
            HeliconeException failed;
            try
            {
                return await AttemptAsync(attempt).ConfigureAwait(false);
            }
            catch (HeliconeException e) when (MayRetry(e))
            {
                failed = e;
            }

            return await _transport.Retries.ContinueAsync(this, failed, () => AttemptAsync(attempt)).ConfigureAwait(false);
        }
        catch (HeliconeException e)
        {
            throw e.With(_attempts.ToArray());
        }
        catch (OperationCanceledException e) when (!_caller.IsCancellationRequested && Watchdog.Expired is { } phase)
        {
            // The total ran out between two attempts.
            throw TimedOut(phase, e).With(_attempts.ToArray());
        }
        catch (OperationCanceledException e) when (_caller.IsCancellationRequested && e.CancellationToken != _caller)
        {
            // The token of the exception is the one that the caller knows.
            throw new OperationCanceledException("The call was cancelled.", e, _caller);
        }
        finally
        {
            EndWait();
        }
    }

    /// <summary>Indicates whether another attempt may follow one that failed.</summary>
    internal bool MayRetry(HeliconeException e)
    {
        if (!e.IsTransient || !HasRetryLeft || _caller.IsCancellationRequested)
        {
            return false;
        }

        // A request that may have been processed is not repeated where that would make a difference.
        if (_onlyUnprocessed && !(e.NothingSent || e is { Kind: HeliconeErrorKind.RateLimited, StatusCode: 429 }))
        {
            return false;
        }

        // The gateway was asked to retry what the provider answers: doing it here as well would multiply the two.
        if (_serverRetries && e.StatusCode is not null)
        {
            return false;
        }

        // Beyond the limit, or beyond the time that is left, waiting would only delay the same error.
        return e.RetryAfter is not { } wait || (wait <= _transport.Options.MaxRetryAfter && wait < Watchdog.Remaining);
    }

    /// <summary>The wait before the next attempt: as long as the server asked for, with jitter on top; <see langword="null"/> for the client's own.</summary>
    internal TimeSpan? RetryAfter(HeliconeException e)
    {
        // A server that says "now" gets the client's own wait: taken at its word, every client would hammer it at once.
        if (e.RetryAfter is not { Ticks: > 0 } wait)
        {
            return null;
        }

        HeliconeOptions options = _transport.Options;
        TimeSpan jitter = Jitter.For(wait, options.RetryDelay, options.Random());

        // The attempt still needs time after the wait.
        TimeSpan most = TimeSpan.FromTicks(Math.Max(0, (Watchdog.Remaining - wait).Ticks / 2));
        return wait + (jitter < most ? jitter : most);
    }

    internal void Waiting(TimeSpan wait)
    {
        int last = _attempts.Count - 1;
        CallAttempt failed = _attempts[last] = _attempts[last] with { Wait = wait };
        if (failed.Kind == HeliconeErrorKind.RateLimited)
        {
            _limitedRetries++;
        }
        else
        {
            _retries++;
        }

        _wait = _waits?.Begin(new CallWait(failed.Kind, failed.StatusCode, _transport.Options.TimeProvider.GetUtcNow() + wait, wait));
        _onRetry?.Invoke(failed);
    }

    /// <summary>One address did not answer, and the next one was tried at once.</summary>
    internal void Passed(HeliconeException e, DateTimeOffset startedAt, TimeSpan started)
    {
        lock (_attempts)
        {
            Add(e, startedAt, started);
        }
    }

    /// <summary>Records the other one of two attempts that raced: the one whose outcome is not the call's.</summary>
    /// <param name="started">When it started; <see langword="null"/> for the first of the two.</param>
    /// <param name="failure">What it failed with, where it failed by itself.</param>
    /// <param name="isLost">Whether the call has an answer, from the other attempt.</param>
    internal void Raced((DateTimeOffset At, TimeSpan Elapsed)? started, HeliconeException? failure, bool isLost)
    {
        if (failure is null && !isLost && Watchdog.Expired is { } phase)
        {
            failure = TimedOut(phase);
        }

        lock (_attempts)
        {
            _attempts.Add(new CallAttempt
            {
                Number = _attempts.Count + 1,
                StartedAt = started?.At ?? _transport.Options.TimeProvider.GetUtcNow() - Elapsed + _attemptStarted,
                Duration = Elapsed - (started?.Elapsed ?? _attemptStarted),
                StatusCode = isLost ? null : failure?.StatusCode,
                Kind = isLost ? null : failure?.Kind,
                Message = failure?.Message ?? (isLost ? "Canceled: the other of two racing attempts answered first." : "Canceled together with the call."),
                LostRace = isLost,
                Raced = true,
            });
        }
    }

    /// <summary>What a failure while reading a body means: cancelled, out of time, or broken off.</summary>
    internal Exception Interpret(Exception e, string? partialText) => Interpret(e, partialText, Watchdog);

    /// <summary>The same, where another watchdog than the call's own looked after the body.</summary>
    internal Exception Interpret(Exception e, string? partialText, Watchdog watchdog)
    {
        if (_caller.IsCancellationRequested)
        {
            return new OperationCanceledException("The call was cancelled.", e, _caller);
        }

        if (watchdog.Expired is { } phase)
        {
            return TimedOut(phase, e).With([], partialText);
        }

        return new HeliconeException(HeliconeErrorKind.StreamInterrupted, $"The connection broke in the middle of the answer: {e.GetBaseException().Message}", e)
        {
            PartialText = partialText,
        };
    }

    /// <summary>A stream has come to its end or broken off: its attempt took until now, and did not succeed if it broke.</summary>
    internal void Ended(HeliconeException? e)
    {
        if (!_answering)
        {
            return;
        }

        _answering = false;
        int last = _attempts.Count - 1;
        _attempts[last] = _attempts[last] with
        {
            Duration = Elapsed - _attemptStarted,
            Kind = e?.Kind,
            Message = e?.Message,
            StatusCode = e?.StatusCode ?? _attempts[last].StatusCode,
            Upstream = e?.Upstream ?? _attempts[last].Upstream,
        };
    }

    /// <summary>Adds the providers that the gateway asked in vain to the attempt that it answered.</summary>
    /// <remarks>A stream's attempt is listed when its first chunk is there; that of a whole answer only when the answer has been read.</remarks>
    internal IReadOnlyList<CallAttempt> AttemptsWith(IReadOnlyList<UpstreamAttempt> upstream)
    {
        lock (_attempts)
        {
            int answered = _attempts.FindLastIndex(static attempt => attempt.Kind is null && !attempt.LostRace);
            if (answered < 0)
            {
                _upstream = upstream;
            }
            else if (upstream.Count > 0)
            {
                _attempts[answered] = _attempts[answered] with { Upstream = upstream };
            }
        }

        return _attempts;
    }

    /// <summary>Attempts that a limit of the whole run refused leave the call its retries. Without any retries, nothing is sent a second time.</summary>
    private bool HasRetryLeft =>
        _maxRetries > 0 && _retries + (_gate is { IsLimitShared: true } ? 0 : _limitedRetries) < _maxRetries;

    private void EndWait()
    {
        _wait?.Dispose();
        _wait = null;
    }

    private async Task<T> AttemptAsync<T>(Func<Task<T>> attempt)
    {
        EndWait();
        if (_gate is not null && _attempts.Count > 0)
        {
            // The run's pace is not the call's delay: its clock stands still meanwhile.
            using (Watchdog.Hold())
            {
                await _gate.WaitAsync(CallToken).ConfigureAwait(false);
            }
        }

        DateTimeOffset startedAt = _transport.Options.TimeProvider.GetUtcNow();
        TimeSpan started = _attemptStarted = Elapsed;
        Watchdog.BeginAttempt();
        try
        {
            T result = await attempt().ConfigureAwait(false);
            _attempts.Add(new CallAttempt { Number = _attempts.Count + 1, StartedAt = startedAt, Duration = Elapsed - started, StatusCode = 200, Upstream = _upstream });
            _answering = true;
            return result;
        }
        catch (OperationCanceledException e) when (!_caller.IsCancellationRequested)
        {
            // A cancellation that nobody asked for must not look like one: a script would stop without a word.
            HeliconeException failed = Watchdog.Expired is { } phase
                ? TimedOut(phase, e)
                : new HeliconeException(HeliconeErrorKind.Unreachable, "The connection gave the request up: " + e.GetBaseException().Message, e);
            Failed(failed, startedAt, started);
            throw failed;
        }
        catch (HeliconeException e)
        {
            Failed(e, startedAt, started);
            throw;
        }
    }

    private void Add(HeliconeException e, DateTimeOffset startedAt, TimeSpan started) => _attempts.Add(new CallAttempt
    {
        Number = _attempts.Count + 1,
        StartedAt = startedAt,
        Duration = Elapsed - started,
        StatusCode = e.StatusCode,
        Kind = e.Kind,
        Message = e.Message,
        Upstream = e.Upstream,
        NothingSent = e.NothingSent,
        RetryAfter = e.RetryAfter,
    });

    private void Failed(HeliconeException e, DateTimeOffset startedAt, TimeSpan started)
    {
        Add(e, startedAt, started);
        _gate?.Failed(e);
    }

    private HeliconeException TimedOut(TimeoutPhase phase, Exception? inner = null)
    {
        string message = phase switch
        {
            TimeoutPhase.FirstToken => FormattableString.Invariant($"No first token within {FirstTokenTimeout.TotalSeconds:0.###} s."),
            TimeoutPhase.Idle => FormattableString.Invariant($"The answer stopped: nothing more came within {IdleTimeout.TotalSeconds:0.###} s."),
            _ => FormattableString.Invariant($"The call took longer than {_total.TotalSeconds:0.###} s."),
        };
        if (_attempts.FindLast(static attempt => !attempt.Raced)?.Message is { } before)
        {
            message += " Before that: " + before;
        }

        return new HeliconeException(HeliconeErrorKind.TimedOut, message, inner)
        {
            TimeoutPhase = phase,
            // With the total, the time for another attempt is gone as well.
            IsTransient = phase != TimeoutPhase.Total,
        };
    }
}
