using System;
using System.Collections.Generic;
using System.Runtime.ExceptionServices;
using System.Threading;
using System.Threading.Tasks;

namespace Helicone.Runtime;

/// <summary>
/// Runs an async body on the pipeline thread. It lives for one call of BeginProcessing, ProcessRecord or EndProcessing, in which every
/// await comes back to that thread; so WriteObject, ShouldProcess and ThrowTerminatingError are plain calls inside of the body.
/// </summary>
/// <remarks>
/// The queue belongs to the run. A body that completes at once costs this object and nothing else. Code that is not ours never sees the pump:
/// around each call into the engine, <see cref="Suspend"/> gives the thread its former context back.
/// </remarks>
internal sealed class PipelinePump : SynchronizationContext, IDisposable
{
    private readonly object _lock = new();
    private readonly SynchronizationContext? _previous;
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private Queue<KeyValuePair<SendOrPostCallback, object?>>? _queue;
    private bool _ended;

    private PipelinePump(SynchronizationContext? previous) => _previous = previous;

    /// <summary>Makes a pump the context of this thread until it is disposed.</summary>
    public static PipelinePump Open()
    {
        PipelinePump pump = new(Current);
        SetSynchronizationContext(pump);
        return pump;
    }

    /// <summary>Gives this thread the context that it had before the pump, until the suspension is disposed. Does nothing on any other thread.</summary>
    public static Suspension Suspend() => new(Current as PipelinePump);

    /// <summary>Works until the body has ended, and throws what it threw. The wait is never cut short: a body must end by its own token.</summary>
    /// <param name="body">What was started under this pump.</param>
    /// <param name="abandon">Called when a posted callback throws, as WriteVerbose does under <c>-Verbose</c> with a preference of Stop: it must end the body.</param>
    public void Complete(Task body, Action abandon)
    {
        if (!body.IsCompleted)
        {
            Pump(body, abandon);
        }

        body.GetAwaiter().GetResult();
    }

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state)
    {
        if (!TryPost(d, state))
        {
            // Only a task that outlived its run comes here. It ends on the thread pool, where the engine refuses its writes, rather than never.
            base.Post(d, state);
        }
    }

    /// <summary>Posts unless the run has ended.</summary>
    public bool TryPost(SendOrPostCallback d, object? state)
    {
        lock (_lock)
        {
            if (_ended)
            {
                return false;
            }

            (_queue ??= new()).Enqueue(new(d, state));
            Monitor.Pulse(_lock);
            return true;
        }
    }

    /// <inheritdoc/>
    public override void Send(SendOrPostCallback d, object? state)
    {
        if (Environment.CurrentManagedThreadId != _thread)
        {
            throw new NotSupportedException("The pipeline thread may be waiting for the caller: post to it.");
        }

        d(state);
    }

    /// <inheritdoc/>
    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Gives the thread its former context back.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _ended = true;
        }

        SetSynchronizationContext(_previous);
    }

    private void Pump(Task body, Action abandon)
    {
        _ = body.ContinueWith(
            static (_, pump) => ((PipelinePump)pump!).Wake(),
            this,
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        ExceptionDispatchInfo? failure = null;
        while (TryTake(body, out KeyValuePair<SendOrPostCallback, object?> work))
        {
            try
            {
                work.Key(work.Value);
            }
            catch (Exception e)
            {
                // Continuations of the body keep their exceptions; this one came from a callback, and leaving now would leave the body behind.
                failure ??= ExceptionDispatchInfo.Capture(e);
                abandon();
            }
        }

        failure?.Throw();
    }

    private bool TryTake(Task body, out KeyValuePair<SendOrPostCallback, object?> work)
    {
        lock (_lock)
        {
            while (true)
            {
                if (_queue is { Count: > 0 })
                {
                    work = _queue.Dequeue();
                    return true;
                }

                if (body.IsCompleted)
                {
                    work = default;
                    return false;
                }

                Monitor.Wait(_lock);
            }
        }
    }

    private void Wake()
    {
        lock (_lock)
        {
            Monitor.Pulse(_lock);
        }
    }

    /// <summary>The time in which the pump is not the context of its thread.</summary>
    internal readonly struct Suspension : IDisposable
    {
        private readonly PipelinePump? _pump;

        internal Suspension(PipelinePump? pump)
        {
            _pump = pump;
            if (pump is not null)
            {
                SetSynchronizationContext(pump._previous);
            }
        }

        /// <summary>Makes the pump the context again.</summary>
        public void Dispose()
        {
            if (_pump is not null)
            {
                SetSynchronizationContext(_pump);
            }
        }
    }
}
