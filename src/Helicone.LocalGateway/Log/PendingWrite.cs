using System;
using System.Diagnostics;
using System.Threading.Tasks;

namespace Helicone.LocalGateway.Log;

/// <summary>Something that waits to be written, and somebody who waits for it.</summary>
internal abstract class PendingWrite
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly long _since = Stopwatch.GetTimestamp();

    /// <summary>How long it waits for a lock of another program.</summary>
    public TimeSpan Patience { get; init; } = s_patience;

    /// <summary>Indicates whether it has waited as long as it should.</summary>
    public bool HasWaitedLongEnough => Stopwatch.GetElapsedTime(_since) >= Patience;

    /// <summary>Does it; the transaction is the writer's, and may hold other writes too.</summary>
    public abstract void Write(LogTransaction session);

    /// <summary>It is committed.</summary>
    public abstract void Succeed();

    /// <summary>It is not, and nothing of it is left.</summary>
    public abstract void Fail(Exception exception);
}

/// <summary>A write with an outcome.</summary>
internal sealed class PendingWrite<T>(Func<LogTransaction, T> write) : PendingWrite
{
    // The one who waits goes on in the thread pool: the writer has others to serve.
    private readonly TaskCompletionSource<T> _committed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _outcome;

    public Task<T> Committed => _committed.Task;

    public override void Write(LogTransaction session) => _outcome = write(session);

    public override void Succeed() => _committed.SetResult(_outcome!);

    public override void Fail(Exception exception) => _committed.SetException(exception);
}
