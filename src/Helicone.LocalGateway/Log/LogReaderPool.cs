using System;
using System.Collections.Concurrent;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Helicone.LocalGateway.Log;

/// <summary>A few connections for queries. WAL lets them read while the writer writes; a slow one is cut off.</summary>
internal sealed class LogReaderPool(string path, TimeSpan patience) : IDisposable
{
    private const int Connections = 4;

    private readonly ConcurrentBag<SqliteConnection> _idle = [];
    private readonly SemaphoreSlim _free = new(Connections);

    /// <summary>Runs a query in one consistent view of the log.</summary>
    /// <exception cref="OperationCanceledException">The caller no longer waits for the result.</exception>
    /// <exception cref="TimeoutException">It took too long and was ended.</exception>
    public async Task<T> ReadAsync<T>(Func<SqliteConnection, T> query, CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(() => Read(query, cancellationToken), cancellationToken);
        }
        finally
        {
            _free.Release();
        }
    }

    public void Dispose()
    {
        foreach (SqliteConnection connection in _idle)
        {
            connection.Dispose();
        }

        _free.Dispose();
    }

    private T Read<T>(Func<SqliteConnection, T> query, CancellationToken cancellationToken)
    {
        SqliteConnection connection = _idle.TryTake(out SqliteConnection? idle) ? idle : Open();
        try
        {
            using CancellationTokenSource timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            timeout.CancelAfter(patience);
            sqlite3 handle = connection.Handle!;
            T result;
            using (timeout.Token.UnsafeRegister(static h => raw.sqlite3_interrupt((sqlite3)h!), handle))
            using (SqliteTransaction transaction = connection.BeginTransaction(deferred: true))
            {
                result = query(connection);
                transaction.Commit();
            }

            return result;
        }
        catch (SqliteException e) when (e.SqliteErrorCode == raw.SQLITE_INTERRUPT)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new TimeoutException($"The query took longer than {patience.TotalSeconds:0} seconds. Narrow the query, for example with a time range.", e);
        }
        finally
        {
            _idle.Add(connection);
        }
    }

    private SqliteConnection Open()
    {
        SqliteConnection connection = LogConnectionFactory.OpenReader(path);
        LogFunctions.Register(connection);
        return connection;
    }
}
