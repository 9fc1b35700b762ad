using System;
using System.Threading.Tasks;

namespace Helicone.LocalGateway.Log;

/// <summary>A call that waits to be logged.</summary>
internal sealed class PendingEntry(LogEntry entry) : PendingWrite
{
    private readonly TaskCompletionSource _committed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Committed => _committed.Task;

    public override void Write(LogSession session) => session.Insert(entry);

    public override void Succeed() => _committed.SetResult();

    public override void Fail(Exception exception) => _committed.SetException(exception);
}
