using System;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Helicone.LocalGateway.Log;

/// <summary>Deletes the oldest calls to stay within the maximum age and size of the log, and compresses old bodies.</summary>
/// <remarks>
/// A few at a time, in transactions that wait their turn like everybody's, with a pause in between: a call that is being logged waits for
/// some milliseconds at most. The space that becomes free is used by the next calls; what is more than that goes back to the disk.
/// </remarks>
internal sealed class LogRetention(RequestLog log, Func<LogOptions> options, TimeProvider time, ILogger logger)
{
    private const int CallsAtOnce = 100;
    private const int PagesAtOnce = 100;

    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(10);

    private readonly LogCompression _compression = new(log, time);

    /// <summary>Checks from time to time until it is stopped.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await TryOnceAsync(cancellationToken);
                await Task.Delay(s_interval, time, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The gateway ends.
        }
    }

    private async Task TryOnceAsync(CancellationToken cancellationToken)
    {
        try
        {
            await ApplyAsync(options(), cancellationToken);
        }
        catch (Exception e) when (e is LogUnavailableException or SqliteException or TimeoutException)
        {
            // A full disk, one that is gone for a moment, or one that is slow: tried again.
            GatewayLog.RetentionFailed(logger, e);
        }
    }

    /// <summary>Deletes what is too old, compresses what is old, then deletes what is too much.</summary>
    internal async Task ApplyAsync(LogOptions wanted, CancellationToken cancellationToken)
    {
        long deleted = 0;
        if (wanted.MaxAge is { } age)
        {
            long oldest = (time.GetUtcNow() - age).ToUnixTimeMilliseconds();
            deleted += await DeleteWhileAsync(session => session.DeleteOldest(CallsAtOnce, oldest), cancellationToken);
        }

        // Before calls are deleted for their size, for it makes them smaller.
        long saved = wanted.CompressAfter is { } idle ? await _compression.ApplyAsync(idle, cancellationToken) : 0;
        if (wanted.MaxBytes is { } most)
        {
            deleted += await DeleteWhileAsync(session => session.DeleteBeyond(most, CallsAtOnce), cancellationToken);
        }

        if (deleted > 0)
        {
            GatewayLog.RetentionDeleted(logger, deleted);
        }

        if (wanted.MaxAge is not null || wanted.MaxBytes is not null)
        {
            await log.ChangeAsync(static session => session.ForgetUsageBeforeOldest());
        }

        if (wanted.MaxAge is not null || wanted.MaxBytes is not null || saved > 0)
        {
            await GiveBackAsync(wanted.MaxBytes ?? long.MaxValue, cancellationToken);
        }
    }

    private async Task<long> DeleteWhileAsync(Func<LogTransaction, int> delete, CancellationToken cancellationToken)
    {
        long deleted = 0;
        int last;
        while ((last = await log.ChangeAsync(delete)) > 0)
        {
            deleted += last;
            await Task.Delay(s_pause, cancellationToken);
        }

        return deleted;
    }

    /// <summary>Makes the file smaller while it is too large, or while an eighth of it is free.</summary>
    private async Task GiveBackAsync(long most, CancellationToken cancellationToken)
    {
        bool isCut = false;
        while (await log.ChangeAsync(session => session.IsLargerThanNeeded(most) && session.GiveBack(PagesAtOnce)))
        {
            isCut = true;
            await Task.Delay(s_pause, cancellationToken);
        }

        if (isCut)
        {
            log.Settle();
        }
    }
}
