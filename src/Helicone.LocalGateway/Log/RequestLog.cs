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

    // A log that was written a moment ago can be written now.
    private static readonly TimeSpan s_certainty = TimeSpan.FromMilliseconds(100);

    // After a failure, how long calls are refused without another look; and how long that look waits for a lock, since a longer one is known.
    private static readonly TimeSpan s_refusal = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_probePatience = TimeSpan.FromSeconds(1);

    private readonly LogWriter _writer;
    private readonly LogCheckpointer _checkpoints;
    private readonly LogReaderPool _readers;
    private readonly LogIdTable _ids;
    private readonly string _path;
    private readonly LogSpace _space;
    private readonly Lock _probing = new();
    private Task? _probe;
    private readonly ILogger _logger;

    private RequestLog(string path, SqliteConnection writer, LogSpace space, ILogger logger)
    {
        _logger = logger;
        object turn = new();
        _path = path;
        _space = space;
        _checkpoints = new LogCheckpointer(LogConnectionFactory.OpenCheckpointer(path), turn, logger);
        _writer = new LogWriter(writer, path, logger, turn, _checkpoints.Written);
        _readers = new LogReaderPool(path, s_queryPatience);
        _ids = new LogIdTable(LogConnectionFactory.OpenReader(path));
    }

    /// <summary>Opens the log in that file, or begins it.</summary>
    /// <exception cref="GatewayStartException">It cannot be opened, is damaged, or belongs to something else.</exception>
    public static RequestLog Open(string path, ILogger logger, LogSpace? space = null) => new(path, LogConnectionFactory.OpenWriter(path), space ?? new LogSpace(path), logger);

    /// <inheritdoc cref="LogIdTable.Claim"/>
    public string ClaimId(string? proposed) => _ids.Claim(proposed);

    /// <inheritdoc cref="LogIdTable.Release"/>
    public void ReleaseId(Guid id) => _ids.Release(id);

    /// <summary>Makes sure of the log before anything is asked of a provider: what cannot be logged will not be answered, and would be paid for all the same.</summary>
    /// <param name="bytes">How much will certainly be written.</param>
    /// <exception cref="LogUnavailableException">It cannot be written; the message names the cause.</exception>
    public ValueTask EnsureWritableAsync(long bytes = 0)
    {
        if (!_space.HasRoomFor(bytes))
        {
            throw LogUnavailableException.Full(_path);
        }

        if (_writer.Failure is { } failure)
        {
            return _writer.SinceFailure < s_refusal ? throw failure.Again() : new ValueTask(ProbeOnceAsync());
        }

        // An empty transaction takes the write lock and writes nothing: it waits as long as another program has the file locked.
        return _writer.SinceSuccess < s_certainty ? ValueTask.CompletedTask : new ValueTask(ChangeAsync(static _ => true));
    }

    /// <summary>Returns when a kill of this process can no longer lose the entry.</summary>
    /// <exception cref="LogUnavailableException">It could not be written.</exception>
    public async ValueTask AppendAsync(LogEntry entry)
    {
        if (entry.Usage?.IsImplausible == true)
        {
            GatewayLog.ImplausibleUsage(_logger, entry.Provider ?? "The provider");
        }

        PendingEntry write = new(entry);
        await _writer.EnqueueAsync(write);
        await write.Committed;
    }

    /// <summary>Changes something in the log; committed when it returns.</summary>
    /// <exception cref="LogUnavailableException">It could not be written.</exception>
    public async Task<T> ChangeAsync<T>(Func<LogTransaction, T> change)
    {
        PendingWrite<T> write = new(change);
        await _writer.EnqueueAsync(write);
        return await write.Committed;
    }

    /// <summary>Has what was committed moved into the database: a file that was cut is not shorter before.</summary>
    public void Settle() => _checkpoints.Ask();

    /// <inheritdoc cref="LogReaderPool.ReadAsync"/>
    public Task<T> ReadAsync<T>(Func<SqliteConnection, T> query, CancellationToken cancellationToken) => _readers.ReadAsync(query, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        // The writer first: it reports to the checkpointer to the last. The checkpointer's connection is the last to close, which moves the
        // whole WAL into the database and removes it.
        await _writer.DisposeAsync();
        _readers.Dispose();
        _ids.Dispose();
        await _checkpoints.DisposeAsync();
    }

    /// <summary>All who ask at once share one look.</summary>
    private Task ProbeOnceAsync()
    {
        lock (_probing)
        {
            return _probe is { IsCompleted: false } running ? running : _probe = ProbeAsync();
        }
    }

    /// <summary>Writes as much as a large call would, and deletes it. A page alone may find room where a call does not.</summary>
    private async Task ProbeAsync()
    {
        const string Delete = "DELETE FROM body WHERE call_id = 0";
        await TryAsync(static session => session.Prepare("INSERT OR REPLACE INTO body (call_id, request) VALUES (0, zeroblob(1048576))").Run());
        await TryAsync(static session => session.Prepare(Delete).Run());
    }

    private async Task TryAsync(Func<LogTransaction, long?> change)
    {
        PendingWrite<long?> write = new(change) { Patience = s_probePatience };
        await _writer.EnqueueAsync(write);
        await write.Committed;
    }
}
