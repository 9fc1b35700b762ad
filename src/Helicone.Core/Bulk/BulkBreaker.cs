using System;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Errors;
using Helicone.Resilience;

namespace Helicone.Bulk;

/// <summary>
/// Notices that the gateway is gone, and stops the run instead of failing ten thousand items one by one. Told to wait, it holds the items
/// back, tries one of them now and then, and lets the run go on when that one gets through.
/// </summary>
/// <remarks>
/// A circuit breaker that opens after a number of failures in a row. Polly's opens at a share of failures within a sampling time, in which the
/// successes before the gateway went would hide for so long that it is gone now.
/// </remarks>
internal sealed class BulkBreaker(TimeSpan? wait, TimeProvider time)
{
    private const int FailuresInARow = 4;

    private static readonly TimeSpan s_breakDuration = TimeSpan.FromSeconds(1);

    private readonly object _lock = new();
    private HeliconeException? _lastFailure;
    private int _failures;
    private long _goneSince;
    private long _openedAt;
    private bool _isTrying;

    /// <exception cref="GatewayGoneException">It isn't responding, for longer than the run may wait.</exception>
    /// <exception cref="OperationCanceledException">The caller canceled, or the run was halted while the item waited.</exception>
    internal async Task<T> ExecuteAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken, CancellationToken halt)
    {
        IDisposable? waiting = null;
        try
        {
            while (true)
            {
                if (TryPass())
                {
                    try
                    {
                        T result = await call().ConfigureAwait(false);
                        Close();
                        return result;
                    }
                    catch (HeliconeException e) when (IsGone(e))
                    {
                        // The item waits for the gateway like all others. An item of which any attempt may have arrived does not: it would be paid for twice.
                        Failed(e);
                        if (!e.NeverSent || !MayWait)
                        {
                            throw;
                        }
                    }
                    catch (HeliconeException)
                    {
                        // An error is an answer, too: somebody is there.
                        Close();
                        throw;
                    }
                    catch
                    {
                        // Canceled, or without its journal: that reveals nothing about the gateway.
                        Volatile.Write(ref _isTrying, false);
                        throw;
                    }
                }
                else if (!MayWait)
                {
                    throw new GatewayGoneException(_lastFailure!.Message, _lastFailure);
                }

                using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, halt);
                waiting ??= BeginWait();
                await time.Delay(s_breakDuration, either.Token).ConfigureAwait(false);
            }
        }
        finally
        {
            waiting?.Dispose();
        }
    }

    /// <summary>Indicates whether nobody took the request.</summary>
    internal static bool IsGone(HeliconeException e) => e.IsUnreachable;

    private bool MayWait => wait is { } most && GoneFor <= most;

    private TimeSpan GoneFor
    {
        get
        {
            lock (_lock)
            {
                return _failures == 0 ? TimeSpan.Zero : time.GetElapsedTime(_goneSince);
            }
        }
    }

    /// <summary>Lets a call pass: any while the circuit is closed, one at a time when it has been open for a while.</summary>
    private bool TryPass()
    {
        lock (_lock)
        {
            if (_failures < FailuresInARow)
            {
                return true;
            }

            if (_isTrying || time.GetElapsedTime(_openedAt) < s_breakDuration)
            {
                return false;
            }

            return _isTrying = true;
        }
    }

    private void Failed(HeliconeException e)
    {
        lock (_lock)
        {
            // Calls that were under way when the circuit opened don't keep it open for longer.
            bool opens = ++_failures == FailuresInARow || _isTrying;
            if (_failures == 1)
            {
                _goneSince = time.GetTimestamp();
            }

            if (opens)
            {
                _openedAt = time.GetTimestamp();
            }

            _isTrying = false;
            _lastFailure = e;
        }
    }

    private void Close()
    {
        lock (_lock)
        {
            _failures = 0;
            _isTrying = false;
        }
    }

    /// <summary>Reports that an item waits for the gateway, until the run gives up.</summary>
    private IDisposable? BeginWait()
    {
        TimeSpan left = wait!.Value - GoneFor;
        return CallWaits.Current?.Begin(new CallWait(HeliconeErrorKind.Unreachable, null, time.GetUtcNow() + left, left));
    }
}
