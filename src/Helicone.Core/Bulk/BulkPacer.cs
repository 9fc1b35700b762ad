using System;
using System.Threading;
using System.Threading.RateLimiting;
using System.Threading.Tasks;
using Helicone.Errors;
using Helicone.Resilience;

namespace Helicone.Bulk;

/// <summary>Lets calls begin at the pace that a run is allowed: so many a minute, so many tokens a minute, and none while a server asks for a pause.</summary>
internal sealed class BulkPacer : IDisposable
{
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(100);

    private readonly TokenBucketRateLimiter? _requests;
    private readonly TokenBucketRateLimiter? _tokens;
    private readonly int _tokenLimit;
    private readonly TimeProvider _time;
    private readonly TimeSpan _jitterFloor;
    private readonly Func<double> _random;
    private readonly CallWaits? _waits = CallWaits.Current;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private long _debt;
    private long _pausedUntil;

    /// <param name="requestsPerMinute">The attempts that may begin in a minute.</param>
    /// <param name="tokensPerMinute">The tokens that may be used in a minute.</param>
    /// <param name="time">The clock.</param>
    /// <param name="jitterFloor">The time over which calls spread after a short pause.</param>
    /// <param name="random">Random numbers from 0 to 1.</param>
    internal BulkPacer(int? requestsPerMinute, int? tokensPerMinute, TimeProvider time, TimeSpan jitterFloor, Func<double> random)
    {
        _time = time;
        _jitterFloor = jitterFloor;
        _random = random;
        if (requestsPerMinute is { } requests)
        {
            _requests = Bucket(requests, burst: Math.Max(1, requests / 60), out _);
        }

        if (tokensPerMinute is { } tokens)
        {
            // Ten seconds' worth at once: a minute's worth would let the first minute have two.
            _tokens = Bucket(tokens, burst: Math.Max(1, tokens / 6), out _tokenLimit);
        }
    }

    public void Dispose()
    {
        _requests?.Dispose();
        _tokens?.Dispose();
        _turn.Dispose();
    }

    /// <summary>Indicates whether a call may begin now, since there is no pace to keep and no pause.</summary>
    internal bool MayPass => _requests is null && _tokens is null && !IsPaused;

    private bool IsPaused => PauseLeft > TimeSpan.Zero;

    private TimeSpan PauseLeft => TimeSpan.FromTicks(Volatile.Read(ref _pausedUntil) - _time.GetUtcNow().Ticks);

    /// <summary>Waits until an attempt may begin. Attempts begin in the order in which they came, except after a pause: there they spread out.</summary>
    internal async Task WaitAsync(long estimatedTokens, CancellationToken cancellationToken)
    {
        while (true)
        {
            await WaitForPauseAsync(jitter: true, cancellationToken).ConfigureAwait(false);
            await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                if (IsPaused)
                {
                    continue;
                }

                if (_requests is not null)
                {
                    await AcquireAsync(_requests, 1, cancellationToken).ConfigureAwait(false);
                }

                if (_tokens is not null)
                {
                    await PayAsync(estimatedTokens, cancellationToken).ConfigureAwait(false);
                }

                // A pause may have begun meanwhile. The pace spreads out those behind this one.
                await WaitForPauseAsync(jitter: false, cancellationToken).ConfigureAwait(false);
                return;
            }
            finally
            {
                _turn.Release();
            }
        }
    }

    /// <summary>Records the actual usage of a call. The difference from its estimate is charged or credited to the next calls.</summary>
    internal void Correct(long estimatedTokens, long usedTokens)
    {
        if (_tokens is not null)
        {
            Interlocked.Add(ref _debt, usedTokens - estimatedTokens);
        }
    }

    /// <summary>A server limits: the whole run pauses, not one item.</summary>
    internal void Pause(TimeSpan duration)
    {
        long until = _time.GetUtcNow().Ticks + duration.Ticks;
        long known;
        do
        {
            known = Volatile.Read(ref _pausedUntil);
        }
        while (until > known && Interlocked.CompareExchange(ref _pausedUntil, until, known) != known);
    }

    private static TokenBucketRateLimiter Bucket(int perMinute, int burst, out int limit)
    {
        // Whole tokens a tick; where a tick has less than one, the tick is made longer.
        double perTick = perMinute * s_tick.TotalMinutes;
        TimeSpan period = perTick >= 1 ? s_tick : TimeSpan.FromMinutes(1.0 / perMinute);
        int tokens = Math.Max(1, (int)perTick);
        if (perTick > 1)
        {
            // The fraction that is cut off would slow the run: stretch the tick to what whole tokens take.
            period = TimeSpan.FromMinutes((double)tokens / perMinute);
        }

        limit = Math.Max(burst, tokens);
        return new TokenBucketRateLimiter(new TokenBucketRateLimiterOptions
        {
            TokenLimit = limit,
            TokensPerPeriod = tokens,
            ReplenishmentPeriod = period,
            AutoReplenishment = true,
            QueueLimit = int.MaxValue,
            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
        });
    }

    private static async Task AcquireAsync(TokenBucketRateLimiter limiter, int count, CancellationToken cancellationToken)
    {
        using RateLimitLease lease = await limiter.AcquireAsync(count, cancellationToken).ConfigureAwait(false);
        if (!lease.IsAcquired)
        {
            throw new InvalidOperationException("The pacer's queue refused a call.");
        }
    }

    private async Task PayAsync(long estimatedTokens, CancellationToken cancellationToken)
    {
        long due = estimatedTokens + Interlocked.Exchange(ref _debt, 0);
        if (due <= 0)
        {
            Interlocked.Add(ref _debt, due);
            return;
        }

        // More than the bucket holds is paid in parts.
        while (due > 0)
        {
            int part = (int)Math.Min(due, _tokenLimit);
            await AcquireAsync(_tokens!, part, cancellationToken).ConfigureAwait(false);
            due -= part;
        }
    }

    private async Task WaitForPauseAsync(bool jitter, CancellationToken cancellationToken)
    {
        while (PauseLeft is { Ticks: > 0 } left)
        {
            TimeSpan wait = jitter ? left + Jitter.For(left, _jitterFloor, _random()) : left;
            using (_waits?.Begin(new CallWait(HeliconeErrorKind.RateLimited, 429, _time.GetUtcNow() + wait, wait)))
            {
                await _time.Delay(wait, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
