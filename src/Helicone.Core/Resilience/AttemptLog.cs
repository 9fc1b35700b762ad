using System;
using System.Collections.Generic;
using Helicone.Errors;

namespace Helicone.Resilience;

/// <summary>The attempts of one call, in the order in which they ended. Racing attempts may report at the same time.</summary>
internal sealed class AttemptLog
{
    private readonly List<CallAttempt> _attempts = [];
    private int _answered = -1;

    internal bool IsEmpty
    {
        get
        {
            lock (_attempts)
            {
                return _attempts.Count == 0;
            }
        }
    }

    /// <summary>The message of the last attempt that didn't race another one.</summary>
    internal string? LastMessage
    {
        get
        {
            lock (_attempts)
            {
                return _attempts.FindLast(static attempt => !attempt.IsRace)?.Message;
            }
        }
    }

    /// <summary>The attempts so far. The list doesn't change afterwards.</summary>
    internal IReadOnlyList<CallAttempt> Snapshot()
    {
        lock (_attempts)
        {
            return _attempts.ToArray();
        }
    }

    /// <summary>Records an attempt that failed.</summary>
    internal void Failed(HeliconeException e, DateTimeOffset startedAt, TimeSpan duration) => Add(new CallAttempt
    {
        StartedAt = startedAt,
        Duration = duration,
        StatusCode = e.StatusCode,
        Kind = e.Kind,
        Message = e.Message,
        Upstream = e.Upstream,
        NothingSent = e.NothingSent,
        RetryAfter = e.RetryAfter,
    });

    /// <summary>Records the attempt that was answered. <see cref="End"/> corrects it when the rest of its stream has been read.</summary>
    /// <param name="startedAt">When it was sent.</param>
    /// <param name="duration">The time up to the answer, or up to the first chunk.</param>
    /// <param name="upstream">The providers that failed before one answered.</param>
    internal void Answered(DateTimeOffset startedAt, TimeSpan duration, IReadOnlyList<UpstreamAttempt> upstream) =>
        _answered = Add(new CallAttempt { StartedAt = startedAt, Duration = duration, StatusCode = 200, Upstream = upstream });

    /// <summary>Records the other one of two attempts that raced: the one whose outcome is not the call's.</summary>
    /// <param name="startedAt">When it was sent.</param>
    /// <param name="duration">The time up to its end.</param>
    /// <param name="failure">What it failed with, if it failed by itself.</param>
    /// <param name="isLost">Indicates whether the call has an answer, from the other attempt.</param>
    internal void RecordRace(DateTimeOffset startedAt, TimeSpan duration, HeliconeException? failure, bool isLost) => Add(new CallAttempt
    {
        StartedAt = startedAt,
        Duration = duration,
        StatusCode = isLost ? null : failure?.StatusCode,
        Kind = isLost ? null : failure?.Kind,
        Message = failure?.Message ?? (isLost ? "Canceled: the other of two racing attempts answered first." : "Canceled together with the call."),
        LostRace = isLost,
        IsRace = true,
    });

    /// <summary>Adds the wait for the next attempt to the last attempt.</summary>
    /// <returns>The last attempt.</returns>
    internal CallAttempt Waiting(TimeSpan wait)
    {
        lock (_attempts)
        {
            return _attempts[_attempts.Count - 1] = _attempts[_attempts.Count - 1] with { Wait = wait };
        }
    }

    /// <summary>Ends the answered attempt, whose stream has come to its end or broken off. Only the first call counts.</summary>
    internal void End(TimeSpan duration, HeliconeException? e)
    {
        lock (_attempts)
        {
            if (_answered < 0)
            {
                return;
            }

            CallAttempt answered = _attempts[_answered];
            _attempts[_answered] = answered with
            {
                Duration = duration,
                Kind = e?.Kind,
                Message = e?.Message,
                StatusCode = e?.StatusCode ?? answered.StatusCode,
                Upstream = e?.Upstream ?? answered.Upstream,
            };
            _answered = -1;
        }
    }

    private int Add(CallAttempt attempt)
    {
        lock (_attempts)
        {
            _attempts.Add(attempt with { Number = _attempts.Count + 1 });
            return _attempts.Count - 1;
        }
    }
}
