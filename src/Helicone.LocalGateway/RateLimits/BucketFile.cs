using System;
using System.Collections.Generic;
using System.Threading;
using Helicone.LocalGateway.Hosting;
using Microsoft.Data.Sqlite;

namespace Helicone.LocalGateway.RateLimits;

/// <summary>The file that the buckets of rate limits are written down in.</summary>
internal sealed class BucketFile : IDisposable
{
    private const int Version = 1;

    private const string Schema = """
        CREATE TABLE bucket (
          key TEXT PRIMARY KEY,
          tokens REAL NOT NULL,
          refilled_at INTEGER NOT NULL,
          policy TEXT NOT NULL,
          full_at INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX bucket_by_full ON bucket (full_at);
        """;

    private readonly Lock _turn = new();
    private readonly SqliteConnection _writer;
    private readonly SqliteConnection _reader;
    private readonly SqliteCommand _load;
    private readonly SqliteCommand _save;
    private readonly SqliteCommand _clean;

    /// <exception cref="SqliteException">It cannot be opened.</exception>
    public BucketFile(string path)
    {
        _writer = StateFile.Open(path, Version, Schema);
        _reader = StateFile.Connect(path);
        _load = _reader.CreateCommand();
        _load.CommandText = "SELECT tokens, refilled_at, policy FROM bucket WHERE key = $key";
        _load.Parameters.Add("$key", SqliteType.Text);
        _save = _writer.CreateCommand();
        _save.CommandText = "INSERT OR REPLACE INTO bucket (key, tokens, refilled_at, policy, full_at) VALUES ($key, $tokens, $refilled, $policy, $full)";
        _save.Parameters.Add("$key", SqliteType.Text);
        _save.Parameters.Add("$tokens", SqliteType.Real);
        _save.Parameters.Add("$refilled", SqliteType.Integer);
        _save.Parameters.Add("$policy", SqliteType.Text);
        _save.Parameters.Add("$full", SqliteType.Integer);
        _clean = _writer.CreateCommand();
        _clean.CommandText = "DELETE FROM bucket WHERE full_at <= $now";
        _clean.Parameters.Add("$now", SqliteType.Integer);
    }

    public TokenBucket? Load(string key)
    {
        lock (_turn)
        {
            _load.Parameters[0].Value = key;
            using SqliteDataReader row = _load.ExecuteReader();
            return row.Read() ? new TokenBucket(row.GetDouble(0), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(1)), row.GetString(2)) : null;
        }
    }

    /// <summary>Writes all of these or none.</summary>
    /// <param name="rows">The buckets.</param>
    /// <param name="now">When given, those that are full by now are removed.</param>
    public void Save(IReadOnlyList<BucketRow> rows, DateTimeOffset? now)
    {
        using SqliteTransaction transaction = _writer.BeginTransaction(deferred: false);
        _save.Transaction = transaction;
        foreach (BucketRow row in rows)
        {
            _save.Parameters[0].Value = row.Key;
            _save.Parameters[1].Value = row.Tokens;
            _save.Parameters[2].Value = row.RefilledAt.ToUnixTimeMilliseconds();
            _save.Parameters[3].Value = row.Policy;
            _save.Parameters[4].Value = row.FullAt.ToUnixTimeMilliseconds();
            _save.ExecuteNonQuery();
        }

        if (now is { } moment)
        {
            _clean.Transaction = transaction;
            _clean.Parameters[0].Value = moment.ToUnixTimeMilliseconds();
            _clean.ExecuteNonQuery();
        }

        transaction.Commit();
    }

    public void Dispose()
    {
        _load.Dispose();
        _save.Dispose();
        _clean.Dispose();
        _reader.Dispose();
        _writer.Dispose();
    }
}
