using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace Helicone.Bulk;

/// <summary>
/// An ordered, bounded window over many calls: up to a limit run at once, and their results come out in the order in which they were started.
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
    private readonly int _limit;
    private int _running;
    private TaskCompletionSource<bool> _changed = NewSignal();

    /// <summary>Creates a window.</summary>
    /// <param name="limit">How many calls may run at once, at least 1.</param>
    public CallWindow(int limit)
    {
        if (limit < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(limit), limit, "At least one call must be able to run.");
        }

        _limit = limit;
    }

    /// <summary>How many calls were started and not yet taken.</summary>
    public int Count => _queue.Count;

    /// <summary>How many calls run now.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>Whether another call has to wait.</summary>
    public bool IsFull => Running >= _limit || _queue.Count >= _limit * QueuedPerSlot;

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

        _queue.Enqueue(task);
        if (task.IsCompleted)
        {
            Finished();
        }
        else
        {
            _ = task.ContinueWith(
                static (_, state) => ((CallWindow<T>)state!).Finished(),
                this,
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        }
    }

    /// <summary>Takes the oldest call when it has finished, whether it succeeded or not.</summary>
    public bool TryTake(out Task<T> finished)
    {
        if (_queue.Count > 0 && _queue.Peek().IsCompleted)
        {
            finished = _queue.Dequeue();
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

    private void Finished()
    {
        Interlocked.Decrement(ref _running);
        Volatile.Read(ref _changed).TrySetResult(true);
    }
}
