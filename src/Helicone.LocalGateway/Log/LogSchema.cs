using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using Helicone.LocalGateway.Hosting;
using Microsoft.Data.Sqlite;

namespace Helicone.LocalGateway.Log;

/// <summary>The tables, and how those of an older gateway become them: <c>Migrations/NNNN-name.sql</c>, each once and in order, counted by <c>user_version</c>.</summary>
internal static class LogSchema
{
    // "hLog": whose file it is.
    private const int ApplicationId = 0x684C6F67;

    private static readonly string[] s_migrations = [.. Assembly.GetExecutingAssembly().GetManifestResourceNames().Where(n => n.StartsWith("migration/", System.StringComparison.Ordinal)).Order(System.StringComparer.Ordinal)];

    /// <summary>The version of a file that this gateway writes.</summary>
    public static int Version => s_migrations.Length;

    /// <exception cref="GatewayStartException">The file is somebody else's, or from a newer gateway.</exception>
    public static void Migrate(SqliteConnection connection, string path)
    {
        int version = (int)Number(connection, "PRAGMA user_version");
        if (version > Version)
        {
            throw new GatewayStartException($"'{path}' was written by a newer gateway (its version is {version}; this gateway supports {Version}). Update the module, or specify another file with --database.");
        }

        if (Number(connection, "PRAGMA application_id") != ApplicationId && Number(connection, "SELECT count(*) FROM sqlite_schema") > 0)
        {
            throw new GatewayStartException($"'{path}' is the database of another program. Specify another file with --database.");
        }

        if (version == 0)
        {
            // Decided once, before there are tables: the space of calls that were deleted can be given back bit by bit.
            Execute(connection, "PRAGMA auto_vacuum=INCREMENTAL");
        }

        Execute(connection, "PRAGMA journal_mode=WAL");
        foreach (string migration in Pending(version))
        {
            version++;
            using SqliteTransaction transaction = connection.BeginTransaction(deferred: false);

            // Of two gateways that start together one waits here, and then finds it done.
            if (Number(connection, "PRAGMA user_version") < version)
            {
                Execute(connection, Read(migration));
                Execute(connection, $"PRAGMA user_version={version}; PRAGMA application_id={ApplicationId}");
            }

            transaction.Commit();
        }
    }

    private static IEnumerable<string> Pending(int version) => s_migrations.Skip(version);

    private static string Read(string migration)
    {
        using StreamReader reader = new(Assembly.GetExecutingAssembly().GetManifestResourceStream(migration)!);
        return reader.ReadToEnd();
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // The text is one of this assembly's own.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private static long Number(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // The text is one of this file's own.
        command.CommandText = sql;
#pragma warning restore CA2100
        return (long)command.ExecuteScalar()!;
    }
}
