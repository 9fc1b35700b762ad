using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace Helicone.Bulk;

/// <summary>
/// A bounded window over many calls: up to a limit run at once, and their results come out in the order in which they were started, or as they finish.
/// </summary>
/// <remarks>
/// One slow call at the head does not idle the others: finished calls wait behind it, four times the limit at the most, so that memory stays bounded.
/// For one consumer: the members are not safe for use from several threads at once.
/// </remarks>
/// <typeparam name="T">What a call results in.</typeparam>
public sealed class CallWindow<T>
{
    private const int QueuedPerSlot = 4;

    private readonly Queue<Task<T>> _queue = new();
    private readonly ConcurrentQueue<Task<T>>? _finished;
    private readonly int _limit;
    private int _started;
    private int _running;
    private TaskCompletionSource<bool> _changed = NewSignal();

    /// <summary>Creates a window.</summary>
    /// <param name="limit">How many calls may run at once, at least 1.</param>
    /// <param name="asCompleted">Give results out as they finish.</param>
    public CallWindow(int limit, bool asCompleted = false)
    {
        _finished = asCompleted ? new ConcurrentQueue<Task<T>>() : null;
        if (limit < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(limit), limit, "At least one call must be able to run.");
        }

        _limit = limit;
    }

    /// <summary>The number of calls that were started and not yet taken.</summary>
    public int Count => _started;

    /// <summary>The number of running calls.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>Indicates whether another call has to wait.</summary>
    public bool IsFull => Running >= _limit || _started >= _limit * QueuedPerSlot;

    /// <summary>Starts a call.</summary>
    public void Start(Func<Task<T>> call)
    {
        Interlocked.Increment(ref _running);
        Task<T> task;
        try
        {
            task = call();
        }
        catch (Exception e)
        {
            task = Task.FromException<T>(e);
        }

        _started++;
        if (_finished is null)
        {
            _queue.Enqueue(task);
        }

        if (task.IsCompleted)
        {
            Finished(task);
        }
        else
        {
            _ = task.ContinueWith(
                static (finished, state) => ((CallWindow<T>)state!).Finished(finished),
                this,
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        }
    }

    /// <summary>Takes a call that has finished, whether it succeeded or not: the oldest, or whichever has finished first.</summary>
    public bool TryTake(out Task<T> finished)
    {
        if (_finished is not null)
        {
            if (!_finished.TryDequeue(out finished!))
            {
                return false;
            }

            _started--;
            return true;
        }

        if (_queue.Count > 0 && _queue.Peek().IsCompleted)
        {
            finished = _queue.Dequeue();
            _started--;
            return true;
        }

        finished = null!;
        return false;
    }

    /// <summary>Waits until a call has finished since the last wait.</summary>
    public async Task WaitAsync()
    {
        TaskCompletionSource<bool> changed = Volatile.Read(ref _changed);
        await changed.Task.ConfigureAwait(false);
        Interlocked.CompareExchange(ref _changed, NewSignal(), changed);
    }

    private static TaskCompletionSource<bool> NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Finished(Task<T> task)
    {
        _finished?.Enqueue(task);
        Interlocked.Decrement(ref _running);
        Volatile.Read(ref _changed).TrySetResult(true);
    }
}
