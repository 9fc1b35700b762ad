using System;
using System.Collections.Generic;
using Helicone.LocalGateway.Hosting;
using Microsoft.Data.Sqlite;

namespace Helicone.LocalGateway.Caching;

/// <summary>The connection that writes the cache's file. Only its thread may use it.</summary>
internal sealed class CacheFile : IDisposable
{
    private const int Version = 1;

    private const string Schema = """
        CREATE TABLE answer (
          id INTEGER PRIMARY KEY,
          key TEXT NOT NULL,
          slot INTEGER NOT NULL,
          call_id TEXT NOT NULL,
          kind INTEGER NOT NULL,
          content_type TEXT NOT NULL,
          latency_ms INTEGER NOT NULL,
          expires_at INTEGER NOT NULL,
          used_at INTEGER NOT NULL,
          size INTEGER NOT NULL,
          body BLOB NOT NULL,
          UNIQUE (key, slot)
        );
        CREATE INDEX answer_by_expiry ON answer (expires_at);
        CREATE INDEX answer_by_use ON answer (used_at, size);
        """;

    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _insert;
    private readonly SqliteCommand _touch;
    private readonly SqliteCommand _expire;
    private readonly SqliteCommand _measure;
    private readonly SqliteCommand _dropOldest;

    public CacheFile(string path)
    {
        _connection = StateFile.Open(path, Version, Schema);
        _insert = Command(
            "INSERT OR REPLACE INTO answer (key, slot, call_id, kind, content_type, latency_ms, expires_at, used_at, size, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            10);
        _touch = Command("UPDATE answer SET used_at = $2 WHERE id = $1", 2);
        _expire = Command("DELETE FROM answer WHERE expires_at <= $1", 1);
        _measure = Command("SELECT coalesce(sum(size), 0), count(*) FROM answer", 0);
        _dropOldest = Command("DELETE FROM answer WHERE id IN (SELECT id FROM answer ORDER BY used_at LIMIT $1)", 1);
    }

    /// <summary>Writes all of this or nothing.</summary>
    public void Write(IReadOnlyList<CacheEntry> entries, IReadOnlyList<CacheUse> uses)
    {
        using SqliteTransaction transaction = _connection.BeginTransaction(deferred: false);
        foreach (CacheEntry entry in entries)
        {
            CachedAnswer answer = entry.Answer;
            Run(
                _insert,
                transaction,
                entry.Key,
                answer.Slot,
                answer.CallId,
                (int)answer.Kind,
                answer.ContentType,
                answer.LatencyMilliseconds,
                entry.ExpiresAt.ToUnixTimeMilliseconds(),
                entry.UsedAt.ToUnixTimeMilliseconds(),
                entry.Size,
                answer.Body.ToArray());
        }

        foreach (CacheUse use in uses)
        {
            Run(_touch, transaction, use.Id, use.At.ToUnixTimeMilliseconds());
        }

        transaction.Commit();
    }

    /// <summary>Removes what has expired, and of the rest what was not used for the longest until all of it fits.</summary>
    public void Trim(CacheLimits limits, DateTimeOffset now)
    {
        using SqliteTransaction transaction = _connection.BeginTransaction(deferred: false);
        Run(_expire, transaction, now.ToUnixTimeMilliseconds());
        while (Measure(transaction) is { Answers: > 0 } found && (found.Bytes > limits.MaxBytes || found.Answers > limits.MaxAnswers))
        {
            Run(_dropOldest, transaction, Math.Max(found.Answers / 20, 1));
        }

        transaction.Commit();
    }

    public void Dispose()
    {
        foreach (SqliteCommand command in (SqliteCommand[])[_insert, _touch, _expire, _measure, _dropOldest])
        {
            command.Dispose();
        }

        _connection.Dispose();
    }

    private (long Bytes, long Answers) Measure(SqliteTransaction transaction)
    {
        _measure.Transaction = transaction;
        using SqliteDataReader reader = _measure.ExecuteReader();
        reader.Read();
        return (reader.GetInt64(0), reader.GetInt64(1));
    }

    private static void Run(SqliteCommand command, SqliteTransaction transaction, params ReadOnlySpan<object> values)
    {
        command.Transaction = transaction;
        for (int i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i];
        }

        command.ExecuteNonQuery();
    }

    private SqliteCommand Command(string sql, int parameters)
    {
        SqliteCommand command = _connection.CreateCommand();
#pragma warning disable CA2100 // The text is one of this file's own.
        command.CommandText = sql;
#pragma warning restore CA2100
        for (int i = 1; i <= parameters; i++)
        {
            command.Parameters.AddWithValue("$" + i, null);
        }

        return command;
    }
}
