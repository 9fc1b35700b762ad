using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Errors;
using Helicone.Http;
using Helicone.Offline;
using Helicone.Spending;
using Helicone.Telemetry;

namespace Helicone.Resilience;

/// <summary>One call from its first attempt to its outcome: its limits, its attempts, its clock.</summary>
internal sealed class CallRun : IDisposable
{
    private readonly HeliconeTransport _transport;
    private readonly CancellationToken _caller;
    private readonly AttemptLog _log = new();
    private readonly RetryPolicy _retry;
    private readonly Action<CallAttempt>? _onRetry;
    private readonly AttemptGate? _gate;
    private readonly CallWaits? _waits = CallWaits.Current;
    private readonly TimeSpan _total;
    private TimeSpan _attemptStarted;
    private IDisposable? _reportedWait;

    internal CallRun(HeliconeTransport transport, RequestOptions options, bool serverRetries, CancellationToken cancellationToken)
    {
        HeliconeOptions defaults = transport.Options;
        _transport = transport;
        _caller = cancellationToken;
        _onRetry = options.OnRetry;
        _gate = options.Gate;
        _total = options.TotalTimeout ?? defaults.TotalTimeout;
        FirstTokenTimeout = options.FirstTokenTimeout ?? defaults.FirstTokenTimeout;
        IdleTimeout = options.IdleTimeout ?? defaults.IdleTimeout;
        HeliconeOptions.CheckRetries(options.MaxRetries ?? defaults.MaxRetries, nameof(options.MaxRetries));
        HeliconeOptions.CheckTime(_total, nameof(options.TotalTimeout));
        HeliconeOptions.CheckTime(FirstTokenTimeout, nameof(options.FirstTokenTimeout));
        HeliconeOptions.CheckTime(IdleTimeout, nameof(options.IdleTimeout));
        Watchdog = new Watchdog(defaults.TimeProvider, _total, cancellationToken);
        _retry = new RetryPolicy(defaults, options, serverRetries, Watchdog);
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

    /// <summary>The attempts so far, as a snapshot.</summary>
    internal IReadOnlyList<CallAttempt> Attempts => _log.Snapshot();

    /// <summary>The providers that the gateway asked in vain before one of them answered the attempt that runs.</summary>
    internal IReadOnlyList<UpstreamAttempt> FailedUpstream { get; set; } = [];

    /// <summary>Indicates whether the caller has canceled.</summary>
    internal bool IsCancelled => _caller.IsCancellationRequested;

    /// <summary>The call's share in the spending ceilings that it is under; <see langword="null"/> for none.</summary>
    internal CallBudget? Budget { get; set; }

    /// <summary>The telemetry of this call; <see langword="null"/> when nothing listens.</summary>
    internal CallTelemetry? Telemetry { get; init; }

    /// <summary>Records the outcome; <see langword="null"/> when nothing is recorded.</summary>
    internal CallRecording? Recording { get; init; }

    /// <summary>Ends the call.</summary>
    public void Dispose()
    {
        Budget?.Dispose();
        Telemetry?.End(Elapsed);
        Watchdog.Dispose();
    }

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

            await _transport.Options.TimeProvider.Delay(NextDelay(failed), CallToken).ConfigureAwait(false);
            return await _transport.Retries.ExecuteAsync(this, () => AttemptAsync(attempt)).ConfigureAwait(false);
        }
        catch (HeliconeException e)
        {
            throw Failed(e.With(Attempts));
        }
        catch (OperationCanceledException e) when (!_caller.IsCancellationRequested && Watchdog.Expired is { } phase)
        {
            // The total ran out between two attempts.
            throw Failed(TimedOut(phase, e).With(Attempts));
        }
        catch (OperationCanceledException e) when (_caller.IsCancellationRequested)
        {
            // The token of the exception is the caller's token.
            throw Failed(new OperationCanceledException("The call was cancelled.", e, _caller));
        }
        finally
        {
            EndWait();
        }
    }

    /// <summary>One address did not answer, and the next one was tried at once.</summary>
    internal void RecordRefusal(HeliconeException e, DateTimeOffset startedAt, TimeSpan started) => _log.Failed(e, startedAt, Elapsed - started);

    /// <summary>Records the other one of two attempts that raced: the one whose outcome is not the call's.</summary>
    /// <param name="started">When it started; <see langword="null"/> for the first of the two.</param>
    /// <param name="failure">What it failed with, where it failed by itself.</param>
    /// <param name="isLost">Indicates whether the call has an answer, from the other attempt.</param>
    internal void RecordRace((DateTimeOffset At, TimeSpan Elapsed)? started, HeliconeException? failure, bool isLost)
    {
        if (failure is null && !isLost && Watchdog.Expired is { } phase)
        {
            failure = TimedOut(phase);
        }

        _log.RecordRace(
            started?.At ?? _transport.Options.TimeProvider.GetUtcNow() - Elapsed + _attemptStarted,
            Elapsed - (started?.Elapsed ?? _attemptStarted),
            failure,
            isLost);
    }

    /// <summary>Classifies a failure while a body is read: canceled, timed out, or interrupted.</summary>
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
        _log.End(Elapsed - _attemptStarted, e);
        if (e is not null)
        {
            Telemetry?.Failed(e);
        }
    }

    /// <summary>The call ends with this exception.</summary>
    /// <returns>The same exception.</returns>
    internal Exception Failed(Exception e)
    {
        Telemetry?.Failed(e);
        return e;
    }

    /// <summary>Indicates whether another attempt may follow one that failed.</summary>
    internal bool MayRetry(HeliconeException e) => !IsCancelled && _retry.ShouldHandle(e);

    /// <summary>The delay before the next attempt, which is reported as a wait until that attempt begins. Uses up a retry.</summary>
    internal TimeSpan NextDelay(HeliconeException e)
    {
        TimeSpan delay = _retry.NextDelay(e);
        CallAttempt failed = _log.Waiting(delay);
        _reportedWait = _waits?.Begin(new CallWait(failed.Kind, failed.StatusCode, _transport.Options.TimeProvider.GetUtcNow() + delay, delay));
        _onRetry?.Invoke(failed);
        return delay;
    }

    private void EndWait()
    {
        _reportedWait?.Dispose();
        _reportedWait = null;
    }

    private async Task<T> AttemptAsync<T>(Func<Task<T>> attempt)
    {
        EndWait();
        if (_gate is not null && !_log.IsEmpty)
        {
            // The run's pace isn't the call's delay: its clock stops meanwhile.
            using (Watchdog.Hold())
            {
                await _gate.WaitAsync(CallToken).ConfigureAwait(false);
            }
        }

        if (Budget is not null)
        {
            // Nor is the wait for other calls to cost less than was reserved for them. A run that is halted ends it for what was not sent yet.
            using (Watchdog.Hold())
            using (CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(CallToken, _log.IsEmpty && _gate is not null ? _gate.Halted : CancellationToken.None))
            {
                await Budget.BeginAsync(either.Token, _log.LastMessage).ConfigureAwait(false);
            }
        }

        if (_gate is not null && _log.IsEmpty)
        {
            try
            {
                await _gate.SendingAsync().ConfigureAwait(false);
            }
            catch
            {
                Budget?.NotSent();
                throw;
            }
        }

        DateTimeOffset startedAt = _transport.Options.TimeProvider.GetUtcNow();
        TimeSpan started = _attemptStarted = Elapsed;
        FailedUpstream = [];
        Watchdog.BeginAttempt();
        try
        {
            T result = await attempt().ConfigureAwait(false);
            _log.Answered(startedAt, Elapsed - started, FailedUpstream);
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

    private void Failed(HeliconeException e, DateTimeOffset startedAt, TimeSpan started)
    {
        _log.Failed(e, startedAt, Elapsed - started);
        _gate?.Failed(e);
        Budget?.Failed(e);
    }

    private HeliconeException TimedOut(TimeoutPhase phase, Exception? inner = null)
    {
        string message = phase switch
        {
            TimeoutPhase.FirstToken => FormattableString.Invariant($"No first token within {FirstTokenTimeout.TotalSeconds:0.###} s."),
            TimeoutPhase.Idle => FormattableString.Invariant($"The answer stopped: nothing more came within {IdleTimeout.TotalSeconds:0.###} s."),
            _ => FormattableString.Invariant($"The call took longer than {_total.TotalSeconds:0.###} s."),
        };
        if (_log.LastMessage is { } before)
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
