using System;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Errors;
using Helicone.Resilience;
using Polly;
using Polly.CircuitBreaker;

namespace Helicone.Bulk;

/// <summary>
/// Notices that the gateway is gone, and stops the run instead of failing ten thousand items one by one. Told to wait, it holds the items
/// back, tries one of them now and then, and lets the run go on when that one gets through.
/// </summary>
internal sealed class BulkBreaker
{
    /// <summary>How many calls in a row must find nobody.</summary>
    private const int Failures = 4;

    private static readonly TimeSpan s_break = TimeSpan.FromSeconds(1);

    private readonly ResiliencePipeline _pipeline;
    private readonly TimeSpan? _wait;
    private readonly TimeProvider _time;
    private readonly CallWaits? _waits = CallWaits.Current;
    private long _goneSince;
    private int _inARow;

    internal BulkBreaker(TimeSpan? wait, TimeProvider time)
    {
        _wait = wait;
        _time = time;
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                // Polly counts shares of a time, in which the successes before the gateway went would hide that it is gone now. What counts
                // here is how many failed in a row: the failure that completes the row is the only one that Polly is told of, and it opens.
                FailureRatio = 0,
                MinimumThroughput = 2,
                SamplingDuration = TimeSpan.FromHours(1),
                BreakDuration = s_break,
                ShouldHandle = args => new ValueTask<bool>(
                    args.Outcome.Exception is HeliconeException e && IsGone(e) && Interlocked.Increment(ref _inARow) >= Failures),
            })
            .Build();
    }

    /// <exception cref="GatewayGoneException">It is gone, for longer than the run was told to wait.</exception>
    /// <exception cref="OperationCanceledException">The caller wants no answer any more, or the run was halted while the item waited.</exception>
    internal async Task<T> ExecuteAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken, CancellationToken halt)
    {
        IDisposable? waiting = null;
        try
        {
            return await ExecuteAsync(call, () => waiting ??= BeginWait(), cancellationToken, halt).ConfigureAwait(false);
        }
        finally
        {
            waiting?.Dispose();
        }
    }

    /// <summary>Indicates whether nobody took the request.</summary>
    internal static bool IsGone(HeliconeException e) => e.IsUnreachable;

    private async Task<T> ExecuteAsync<T>(Func<Task<T>> call, Action waits, CancellationToken cancellationToken, CancellationToken halt)
    {
        while (true)
        {
            try
            {
                T result = await _pipeline.ExecuteAsync(
                    static async (call, _) => await call().ConfigureAwait(false),
                    call,
                    cancellationToken).ConfigureAwait(false);
                Answered();
                return result;
            }
            catch (BrokenCircuitException e)
            {
                if (_wait is null || GoneFor() > _wait)
                {
                    throw new GatewayGoneException(e.InnerException?.Message ?? e.Message, e.InnerException);
                }
            }
            catch (HeliconeException e) when (IsGone(e) && e.NeverSent && _wait is not null && GoneFor() <= _wait)
            {
                // The item waits for the gateway like all others. An item of which any attempt may have arrived does not: it would be paid for twice.
            }
            catch (HeliconeException e) when (!IsGone(e))
            {
                // An error is an answer, too: somebody is there.
                Answered();
                throw;
            }

            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, halt);
            waits();
            await _time.Delay(s_break, either.Token).ConfigureAwait(false);
        }
    }

    /// <summary>Reports that an item waits for the gateway, until the run gives up.</summary>
    private IDisposable? BeginWait()
    {
        TimeSpan left = _wait!.Value - GoneFor();
        return _waits?.Begin(new CallWait(HeliconeErrorKind.Unreachable, null, _time.GetUtcNow() + left, left));
    }

    private void Answered()
    {
        Volatile.Write(ref _goneSince, 0);
        Volatile.Write(ref _inARow, 0);
    }

    private TimeSpan GoneFor()
    {
        long now = _time.GetTimestamp();
        long since = Interlocked.CompareExchange(ref _goneSince, now, 0);
        return since == 0 ? TimeSpan.Zero : _time.GetElapsedTime(since, now);
    }
}
