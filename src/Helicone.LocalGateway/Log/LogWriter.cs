using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
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

    // A lock that another program holds is waited for in short turns, so that a write that has waited long enough fails at once.
    private const int BusyMilliseconds = 100;

    private readonly LogTransaction _transaction;
    private readonly string _path;
    private readonly ILogger _logger;
    private readonly object _turn;
    private readonly Action<int> _written;
    private readonly Queue<PendingWrite> _waiting = new();
    private readonly SemaphoreSlim _admission = new(MostWaiting);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _ending;
    private volatile LogUnavailableException? _failure;
    private long _failedAt;
    private long _succeededAt = Stopwatch.GetTimestamp();

    /// <param name="connection">The writer's own from now on.</param>
    /// <param name="path">The file, for messages.</param>
    /// <param name="logger">Told when the log cannot be written, once.</param>
    /// <param name="turn">Held during each transaction, so that somebody else may have a moment without one.</param>
    /// <param name="written">Told after each transaction how many pages it wrote.</param>
    public LogWriter(SqliteConnection connection, string path, ILogger logger, object turn, Action<int> written)
    {
        _transaction = new LogTransaction(connection);
        raw.sqlite3_busy_timeout(connection.Handle!, BusyMilliseconds);
        _path = path;
        _logger = logger;
        _turn = turn;
        _written = written;

        // A dedicated thread: SQLite blocks, and the threads of the pool are for work that doesn't.
        new Thread(Run) { IsBackground = true, Name = "Log writer" }.Start();
    }

    /// <summary>Why the log could not be written the last time; <see langword="null"/> when it could.</summary>
    public LogUnavailableException? Failure => _failure;

    /// <summary>How long ago that was.</summary>
    public TimeSpan SinceFailure => Stopwatch.GetElapsedTime(Volatile.Read(ref _failedAt));

    /// <summary>How long ago a write last succeeded.</summary>
    public TimeSpan SinceSuccess => Stopwatch.GetElapsedTime(Volatile.Read(ref _succeededAt));

    /// <summary>Takes a write in. It is done when the one who waits for it learns so.</summary>
    public async ValueTask EnqueueAsync(PendingWrite write)
    {
        if (!_admission.Wait(0))
        {
            await _admission.WaitAsync();
        }

        lock (_waiting)
        {
            if (_ending)
            {
                throw LogUnavailableException.Ending();
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
        _admission.Dispose();
    }

    private void Run()
    {
        List<PendingWrite> writes = new(MostAtOnce);
        while (Take(writes))
        {
            int before = writes.Count;
            Commit(writes);
            if (before > writes.Count)
            {
                _admission.Release(before - writes.Count);
            }
        }

        _transaction.Dispose();
        _ended.SetResult();
    }

    private bool Take(List<PendingWrite> writes)
    {
        lock (_waiting)
        {
            while (_waiting.Count == 0 && writes.Count == 0)
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

    /// <summary>Commits what has gathered. What is left in the list afterwards waits for another program to release its lock.</summary>
    private void Commit(List<PendingWrite> writes)
    {
        SqliteException? failure = TryCommit(writes);
        if (failure is null)
        {
            writes.Clear();
        }
        else if (LogUnavailableException.TryCreate(failure, _path) is not { } unavailable)
        {
            // One of them is the reason; the others must not suffer for it.
            foreach (PendingWrite write in writes)
            {
                TryCommitAlone(write);
            }

            writes.Clear();
        }
        else if (failure.SqliteErrorCode is raw.SQLITE_BUSY or raw.SQLITE_LOCKED)
        {
            // Each has its patience, counted from when it came: one that comes later does not wait behind those before it.
            List<PendingWrite> over = writes.FindAll(static write => write.HasWaitedLongEnough);
            if (over.Count > 0)
            {
                Fail(over, unavailable);
                writes.RemoveAll(over.Contains);
            }
        }
        else
        {
            // The cause is the file, and every other write would fail for the same reason, so all of them fail now.
            Fail(writes, unavailable);
            writes.Clear();
        }
    }

    /// <returns>Why nothing was committed; <see langword="null"/> when everything was, or when those who wait have been told of something else.</returns>
    private SqliteException? TryCommit(List<PendingWrite> writes)
    {
        int pages;
        try
        {
            lock (_turn)
            {
                _transaction.Begin();
                foreach (PendingWrite write in writes)
                {
                    write.Write(_transaction);
                }

                _transaction.Commit();
                raw.sqlite3_db_status(_transaction.Connection.Handle!, raw.SQLITE_DBSTATUS_CACHE_WRITE, out pages, out _, 1);
            }
        }
        catch (SqliteException e)
        {
            return Undo() ?? e;
        }
        catch (Exception e)
        {
            // A mistake of this program's, in one of them or in all.
            Undo();
            if (writes.Count == 1)
            {
                writes[0].Fail(e);
            }
            else
            {
                writes.ForEach(write => TryCommitAlone(write));
            }

            return null;
        }

        _failure = null;
        Volatile.Write(ref _succeededAt, Stopwatch.GetTimestamp());

        // Behind the catch: they are committed, whatever comes now.
        _written(pages);
        CompleteWaiters(writes);
        return null;
    }

    private void TryCommitAlone(PendingWrite write)
    {
        if (TryCommit([write]) is { } own)
        {
            write.Fail(LogUnavailableException.TryCreate(own, _path) ?? LogUnavailableException.OfOneWrite(own));
        }
    }

    /// <summary>A few to a work item: each that goes on by itself would wake a thread for some microseconds of work.</summary>
    private static void CompleteWaiters(List<PendingWrite> writes)
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

    /// <returns>Why it cannot be undone: the file is in such a state that nothing goes.</returns>
    private SqliteException? Undo()
    {
        try
        {
            _transaction.Rollback();
            return null;
        }
        catch (SqliteException e)
        {
            return e;
        }
    }

    private void Fail(List<PendingWrite> writes, LogUnavailableException failure)
    {
        if (_failure?.StatusCode != failure.StatusCode)
        {
            GatewayLog.LogUnavailable(_logger, failure.Message);
        }

        Volatile.Write(ref _failedAt, Stopwatch.GetTimestamp());
        _failure = failure;
        writes.ForEach(write => write.Fail(failure.Again()));
    }
}
