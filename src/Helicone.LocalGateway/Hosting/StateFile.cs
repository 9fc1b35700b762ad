using System.IO;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Helicone.LocalGateway.Hosting;

/// <summary>A SQLite file of things that may be lost: made when it is missing, begun anew when it is damaged or of another version.</summary>
internal static class StateFile
{
    // As long as Helicone's gateway waits for its cache.
    private const int PatienceSeconds = 2;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The file of this kind next to a log: <c>helicone.db</c> has <c>helicone.cache.db</c>.</summary>
    public static string Beside(string database, string kind) => Path.ChangeExtension(database, null) + "." + kind + ".db";

    /// <summary>Opens it for writing, with these tables in it.</summary>
    /// <exception cref="SqliteException">It cannot be opened.</exception>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static SqliteConnection Open(string path, int version, string schema)
    {
        try
        {
            return OpenOnce(path, version, schema);
        }
        catch (SqliteException e) when (e.SqliteErrorCode is raw.SQLITE_NOTADB or raw.SQLITE_CORRUPT)
        {
            Delete(path);
            return OpenOnce(path, version, schema);
        }
    }

    /// <summary>One more connection to a file that is open already.</summary>
    public static SqliteConnection Connect(string path)
    {
        SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWrite, Pooling = false, DefaultTimeout = PatienceSeconds }.ConnectionString);
        try
        {
            connection.Open();

            // Another gateway on the same file may be writing.
            raw.sqlite3_busy_timeout(connection.Handle!, PatienceSeconds * 1000);

            // A commit is a write to the WAL without an fsync: what was written survives this process, though perhaps not a power cut.
            Execute(connection, "PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // The text is always one of this assembly's own.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private static SqliteConnection OpenOnce(string path, int version, string schema)
    {
        CreatePrivately(path);
        SqliteConnection connection = Connect(path);
        try
        {
            Execute(connection, "PRAGMA journal_mode=WAL");
            using SqliteTransaction transaction = connection.BeginTransaction(deferred: false);
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = "PRAGMA user_version";
            long found = (long)command.ExecuteScalar()!;
            if (found == 0)
            {
                Execute(connection, schema);
                Execute(connection, $"PRAGMA user_version={version}");
            }

            transaction.Commit();
            if (found == 0 || found == version)
            {
                return connection;
            }
        }
        catch
        {
            connection.Dispose();
            throw;
        }

        connection.Dispose();
        Delete(path);
        return OpenOnce(path, version, schema);
    }

    /// <summary>Makes prompts and answers readable for their owner only. SQLite gives the WAL the same permissions.</summary>
    private static void CreatePrivately(string path)
    {
        FileStreamOptions options = new() { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite | FileShare.Delete };
        if (!System.OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using FileStream file = new(path, options);
    }

    private static void Delete(string path)
    {
        File.Delete(path);
        File.Delete(path + "-wal");
        File.Delete(path + "-shm");
    }
}
