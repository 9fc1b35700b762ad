using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Helicone.LocalGateway.Log;

/// <summary>The one who writes. While a transaction is being committed the next writes gather, and then share one.</summary>
internal sealed class LogWriter : IAsyncDisposable
{
    // A transaction longer than this would make the last of its writers wait for the first.
    private const int MostAtOnce = 256;

    // As many as there may be connections; who comes when so many wait, waits to be let in.
    private const int MostWaiting = 2048;

    private const int ToldTogether = 8;

    private readonly LogSession _session;
    private readonly object _turn;
    private readonly Action<int> _written;
    private readonly Queue<PendingWrite> _waiting = new();
    private readonly SemaphoreSlim _room = new(MostWaiting);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _ending;
    private volatile Exception? _failure;

    /// <param name="connection">The writer's own from now on.</param>
    /// <param name="turn">Held during each transaction, so that somebody else may have a moment without one.</param>
    /// <param name="written">Told after each transaction how many pages it wrote.</param>
    public LogWriter(SqliteConnection connection, object turn, Action<int> written)
    {
        _session = new LogSession(connection);
        _turn = turn;
        _written = written;

        // A thread of its own: SQLite blocks, and the pool's threads are for those who do not.
        new Thread(Run) { IsBackground = true, Name = "Log writer" }.Start();
    }

    /// <summary>Why the last write failed; <see langword="null"/> when it did not.</summary>
    public Exception? Failure => _failure;

    /// <summary>Takes a write in. It is done when the one who waits for it learns so.</summary>
    public async ValueTask EnqueueAsync(PendingWrite write)
    {
        if (!_room.Wait(0))
        {
            await _room.WaitAsync();
        }

        lock (_waiting)
        {
            if (_ending)
            {
                throw new LogUnavailableException("The gateway is ending.");
            }

            _waiting.Enqueue(write);
            if (_waiting.Count == 1)
            {
                Monitor.Pulse(_waiting);
            }
        }
    }

    /// <summary>Writes what still waits, then closes the log.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_waiting)
        {
            _ending = true;
            Monitor.Pulse(_waiting);
        }

        await _ended.Task;
        _room.Dispose();
    }

    private void Run()
    {
        List<PendingWrite> writes = new(MostAtOnce);
        while (Take(writes))
        {
            if (!TryCommit(writes))
            {
                // One of them may be the reason; the others must not suffer for it.
                foreach (PendingWrite write in writes)
                {
                    TryCommit([write]);
                }
            }

            _room.Release(writes.Count);
            writes.Clear();
        }

        _session.Dispose();
        _ended.SetResult();
    }

    private bool Take(List<PendingWrite> writes)
    {
        lock (_waiting)
        {
            while (_waiting.Count == 0)
            {
                if (_ending)
                {
                    return false;
                }

                Monitor.Wait(_waiting);
            }

            while (writes.Count < MostAtOnce && _waiting.TryDequeue(out PendingWrite? write))
            {
                writes.Add(write);
            }

            return true;
        }
    }

    /// <returns>Whether everybody who waits has been told. Where several shared a failure nobody has.</returns>
    private bool TryCommit(List<PendingWrite> writes)
    {
        int pages;
        try
        {
            lock (_turn)
            {
                _session.Begin();
                foreach (PendingWrite write in writes)
                {
                    write.Write(_session);
                }

                _session.Commit();
                raw.sqlite3_db_status(_session.Connection.Handle!, raw.SQLITE_DBSTATUS_CACHE_WRITE, out pages, out _, 1);
            }

            _failure = null;
        }
        catch (Exception e)
        {
            return Undo(e) && writes.Count > 1 ? false : Fail(writes, e);
        }

        // Behind the catch: they are committed, whatever comes now.
        _written(pages);
        Tell(writes);
        return true;
    }

    /// <summary>A few to a work item: each that goes on by itself would wake a thread for some microseconds of work.</summary>
    private static void Tell(List<PendingWrite> writes)
    {
        for (int start = 0; start < writes.Count; start += ToldTogether)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                static told =>
                {
                    foreach (PendingWrite write in told)
                    {
                        write.Succeed();
                    }
                },
                writes.GetRange(start, Math.Min(ToldTogether, writes.Count - start)),
                preferLocal: false);
        }
    }

    private bool Undo(Exception reason)
    {
        try
        {
            _session.Rollback();
            return true;
        }
        catch (SqliteException e)
        {
            // The file is in such a state that nothing goes. Everybody learns why, and the next write tries again.
            _failure = new AggregateException(reason, e);
            return false;
        }
    }

    private bool Fail(List<PendingWrite> writes, Exception reason)
    {
        Exception failure = reason is SqliteException ? new LogUnavailableException("The log cannot be written: " + reason.Message, reason) : reason;
        _failure = reason is SqliteException ? failure : null;
        foreach (PendingWrite write in writes)
        {
            write.Fail(failure);
        }

        return true;
    }
}
