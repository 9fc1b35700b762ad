using System;
using System.Threading;
using System.Threading.Tasks;

namespace Helicone.LocalGateway.Log;

/// <summary>A call that waits to be logged.</summary>
internal sealed class PendingEntry(LogEntry entry) : PendingWrite
{
    // The waiter continues at once on the thread that completes it: not on the writer's thread (see LogWriter.CompleteWaiters).
    private readonly TaskCompletionSource _committed = new();

    public Task Committed => _committed.Task;

    public override void Write(LogTransaction session) => session.Insert(entry);

    public override void Succeed() => _committed.SetResult();

    public override void Fail(Exception exception) => ThreadPool.UnsafeQueueUserWorkItem(static failed => failed.Entry._committed.SetException(failed.Exception), (Entry: this, Exception: exception), preferLocal: false);
}
