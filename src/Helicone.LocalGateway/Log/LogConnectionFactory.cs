using System;
using System.IO;
using Helicone.LocalGateway.Hosting;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Helicone.LocalGateway.Log;

/// <summary>The three kinds of connection that the log has to its file.</summary>
internal static class LogConnectionFactory
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    // Another program, such as a backup or sqlite3, may have the file locked.
    private const int PatienceMilliseconds = 10_000;

    /// <summary>Brings the file into being and up to date.</summary>
    /// <exception cref="GatewayStartException">It can't be opened, is damaged, or belongs to another program; the message contains the remedy.</exception>
    public static SqliteConnection OpenWriter(string path)
    {
        SqliteConnection? connection = null;
        try
        {
            CreatePrivately(path);
            connection = Open(path, SqliteOpenMode.ReadWrite);
            raw.sqlite3_busy_timeout(connection.Handle!, PatienceMilliseconds);
            LogSchema.Migrate(connection, path);

            // NORMAL: a commit is a write() to the WAL, without fsync. What is written is the kernel's, so a killed gateway loses nothing;
            // after a power cut the last calls may be missing, but the file is whole, because checkpoints do sync (OFF would risk that, FULL
            // would cost milliseconds a commit for a promise that this log does not make).
            // No automatic checkpoints: they would happen amid somebody's answer. See LogCheckpointer.
            // A cache no larger than what inserts come back to: when a page was split SQLite goes through all of it at the end of the
            // transaction, which with 64 MB took a fifth of the writer's time.
            Execute(connection, "PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-8192; PRAGMA journal_size_limit=67108864; PRAGMA temp_store=MEMORY");
            return connection;
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            connection?.Dispose();
            throw new GatewayStartException(Explain(path, e), e);
        }
        catch
        {
            connection?.Dispose();
            throw;
        }
    }

    /// <summary>For checkpoints, which sync, and so never happen on the way of a call.</summary>
    public static SqliteConnection OpenCheckpointer(string path)
    {
        SqliteConnection connection = Open(path, SqliteOpenMode.ReadWrite);
        Execute(connection, "PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=0; PRAGMA journal_size_limit=67108864");
        return connection;
    }

    /// <summary>A connection for queries, which can't write.</summary>
    public static SqliteConnection OpenReader(string path)
    {
        SqliteConnection connection = Open(path, SqliteOpenMode.ReadOnly);
        raw.sqlite3_busy_timeout(connection.Handle!, PatienceMilliseconds);
        Execute(connection, "PRAGMA query_only=ON; PRAGMA cache_size=-32768; PRAGMA mmap_size=1073741824; PRAGMA temp_store=MEMORY");
        return connection;
    }

    private static SqliteConnection Open(string path, SqliteOpenMode mode)
    {
        // No pool: closing a connection must really close it, and the last one to close removes the WAL.
        SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false }.ConnectionString);
        try
        {
            connection.Open();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>It holds what people asked: its owner's business alone. SQLite gives the WAL the same rights.</summary>
    private static void CreatePrivately(string path)
    {
        FileStreamOptions options = new() { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using FileStream file = new(path, options);
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // The text is one of this file's own.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private static string Explain(string path, Exception exception) => exception switch
    {
        SqliteException { SqliteErrorCode: raw.SQLITE_NOTADB or raw.SQLITE_CORRUPT } =>
            $"The log in '{path}' is damaged or isn't a log ({exception.Message}). Move the file and its -wal and -shm files to another folder. The gateway then creates a new log. The .recover command of sqlite3 may restore the content.",
        SqliteException { SqliteErrorCode: raw.SQLITE_BUSY or raw.SQLITE_LOCKED } =>
            $"Another program has locked the log '{path}'. End that program, or specify another file with --database.",
        _ => $"The log in '{path}' cannot be opened: {exception.Message}",
    };
}
