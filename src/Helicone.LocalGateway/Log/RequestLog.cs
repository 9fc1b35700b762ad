using System;
using System.Threading;
using System.Threading.Tasks;
using Helicone.LocalGateway.Hosting;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Helicone.LocalGateway.Log;

/// <summary>The log of calls: one file, one writer, some readers.</summary>
internal sealed class RequestLog : IAsyncDisposable
{
    private static readonly TimeSpan s_queryPatience = TimeSpan.FromSeconds(15);

    private readonly LogWriter _writer;
    private readonly LogCheckpoints _checkpoints;
    private readonly LogReaders _readers;
    private readonly LogIds _ids;

    private RequestLog(string path, SqliteConnection writer, ILogger logger)
    {
        object turn = new();
        _checkpoints = new LogCheckpoints(LogConnections.OpenCheckpointer(path), turn, logger);
        _writer = new LogWriter(writer, turn, _checkpoints.Written);
        _readers = new LogReaders(path, s_queryPatience);
        _ids = new LogIds(LogConnections.OpenReader(path));
    }

    /// <summary>Opens the log in that file, or begins it.</summary>
    /// <exception cref="GatewayStartException">It cannot be opened, is damaged, or belongs to something else.</exception>
    public static RequestLog Open(string path, ILogger logger) => new(path, LogConnections.OpenWriter(path), logger);

    /// <inheritdoc cref="LogIds.Claim"/>
    public string ClaimId(string? proposed) => _ids.Claim(proposed);

    /// <inheritdoc cref="LogIds.Release"/>
    public void ReleaseId(Guid id) => _ids.Release(id);

    /// <summary>Makes sure of the log before anything is asked of a provider: what cannot be logged will not be answered, and would be paid for all the same.</summary>
    /// <exception cref="LogUnavailableException">It still cannot be written.</exception>
    public ValueTask EnsureWritableAsync() => _writer.Failure is null ? ValueTask.CompletedTask : new ValueTask(ChangeAsync(Probe));

    /// <summary>Returns when a kill of this process can no longer lose the entry.</summary>
    /// <exception cref="LogUnavailableException">It could not be written.</exception>
    public async ValueTask AppendAsync(LogEntry entry)
    {
        PendingEntry write = new(entry);
        await _writer.EnqueueAsync(write);
        await write.Committed;
    }

    /// <summary>Changes something in the log; committed when it returns.</summary>
    /// <exception cref="LogUnavailableException">It could not be written.</exception>
    public async Task<T> ChangeAsync<T>(Func<LogSession, T> change)
    {
        PendingWrite<T> write = new(change);
        await _writer.EnqueueAsync(write);
        return await write.Committed;
    }

    /// <summary>Has what was committed moved into the database: a file that was cut is not shorter before.</summary>
    public void Settle() => _checkpoints.Ask();

    /// <inheritdoc cref="LogReaders.ReadAsync"/>
    public Task<T> ReadAsync<T>(Func<SqliteConnection, T> query, CancellationToken cancellationToken) => _readers.ReadAsync(query, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _checkpoints.DisposeAsync();
        _readers.Dispose();
        _ids.Dispose();

        // The last to close: that moves the whole WAL into the database and removes it.
        await _writer.DisposeAsync();
    }

    /// <summary>Writes what stands there already.</summary>
    private static bool Probe(LogSession session)
    {
        session.Prepare($"PRAGMA user_version={LogSchema.Version}").Run();
        return true;
    }
}
