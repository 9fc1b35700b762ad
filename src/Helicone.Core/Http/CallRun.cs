using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Errors;

namespace Helicone.Http;

/// <summary>One call from its first attempt to its outcome: its limits, its attempts, its clock.</summary>
internal sealed class CallRun : IDisposable
{
    private readonly HeliconeTransport _transport;
    private readonly CancellationToken _caller;
    private readonly List<CallAttempt> _attempts = [];
    private readonly int _maxRetries;
    private readonly bool _serverRetries;
    private readonly Action<CallAttempt>? _onRetry;
    private readonly TimeSpan _total;
    private TimeSpan _attemptStarted;
    private bool _answering;

    internal CallRun(HeliconeTransport transport, RequestOptions options, bool serverRetries, CancellationToken cancellationToken)
    {
        HeliconeOptions defaults = transport.Options;
        _transport = transport;
        _caller = cancellationToken;
        _maxRetries = options.MaxRetries ?? defaults.MaxRetries;
        _serverRetries = serverRetries;
        _onRetry = options.OnRetry;
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
            catch (HeliconeException e) when (MayRetry(e, 0))
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
    }

    /// <summary>Whether another attempt may follow one that failed.</summary>
    internal bool MayRetry(HeliconeException e, int retriesSoFar)
    {
        if (!e.IsTransient || retriesSoFar >= _maxRetries || _caller.IsCancellationRequested)
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

    internal void Waiting(TimeSpan wait)
    {
        int last = _attempts.Count - 1;
        _attempts[last] = _attempts[last] with { Wait = wait };
        _onRetry?.Invoke(_attempts[last]);
    }

    /// <summary>One address did not answer, and the next one was tried at once.</summary>
    internal void Passed(HeliconeException e, DateTimeOffset startedAt, TimeSpan started)
    {
        lock (_attempts)
        {
            Failed(e, startedAt, started);
        }
    }

    /// <summary>Two attempts raced, and this is the one that lost.</summary>
    internal void Raced(DateTimeOffset? startedAt, TimeSpan started, string outcome)
    {
        lock (_attempts)
        {
            _attempts.Add(new CallAttempt
            {
                Number = _attempts.Count + 1,
                StartedAt = startedAt ?? _transport.Options.TimeProvider.GetUtcNow() - Elapsed + _attemptStarted,
                Duration = Elapsed - (startedAt is null ? _attemptStarted : started),
                LostRace = true,
                Message = outcome,
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
            Upstream = e?.Upstream ?? [],
        };
    }

    private async Task<T> AttemptAsync<T>(Func<Task<T>> attempt)
    {
        DateTimeOffset startedAt = _transport.Options.TimeProvider.GetUtcNow();
        TimeSpan started = _attemptStarted = Elapsed;
        Watchdog.BeginAttempt();
        try
        {
            T result = await attempt().ConfigureAwait(false);
            _attempts.Add(new CallAttempt { Number = _attempts.Count + 1, StartedAt = startedAt, Duration = Elapsed - started, StatusCode = 200 });
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

    private void Failed(HeliconeException e, DateTimeOffset startedAt, TimeSpan started) => _attempts.Add(new CallAttempt
    {
        Number = _attempts.Count + 1,
        StartedAt = startedAt,
        Duration = Elapsed - started,
        StatusCode = e.StatusCode,
        Kind = e.Kind,
        Message = e.Message,
        Upstream = e.Upstream,
        NothingSent = e.NothingSent,
    });

    private HeliconeException TimedOut(TimeoutPhase phase, Exception? inner = null)
    {
        string message = phase switch
        {
            TimeoutPhase.FirstToken => FormattableString.Invariant($"No first token within {FirstTokenTimeout.TotalSeconds:0.###} s."),
            TimeoutPhase.Idle => FormattableString.Invariant($"The answer stopped: nothing more came within {IdleTimeout.TotalSeconds:0.###} s."),
            _ => FormattableString.Invariant($"The call took longer than {_total.TotalSeconds:0.###} s."),
        };
        if (_attempts.Count > 0 && _attempts[_attempts.Count - 1].Message is { } before)
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
