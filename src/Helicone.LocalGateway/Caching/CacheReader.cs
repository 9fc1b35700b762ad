using System;
using System.Collections.Generic;
using Helicone.LocalGateway.Hosting;
using Microsoft.Data.Sqlite;

namespace Helicone.LocalGateway.Caching;

/// <summary>A connection that looks answers up. One at a time may use it.</summary>
internal sealed class CacheReader : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _find;
    private readonly SqliteCommand _read;

    public CacheReader(string path)
    {
        _connection = StateFile.Connect(path);
        _find = _connection.CreateCommand();
        _find.CommandText = "SELECT id, slot, call_id, kind, content_type, latency_ms, used_at FROM answer WHERE key = $key AND slot < $slots AND expires_at > $now";
        _find.Parameters.Add("$key", SqliteType.Text);
        _find.Parameters.Add("$slots", SqliteType.Integer);
        _find.Parameters.Add("$now", SqliteType.Integer);
        _read = _connection.CreateCommand();
        _read.CommandText = "SELECT body FROM answer WHERE id = $id";
        _read.Parameters.Add("$id", SqliteType.Integer);
    }

    /// <summary>The answers of a bucket that have not expired, without their bodies.</summary>
    public List<CacheRow> Find(string key, int slots, DateTimeOffset now)
    {
        _find.Parameters[0].Value = key;
        _find.Parameters[1].Value = slots;
        _find.Parameters[2].Value = now.ToUnixTimeMilliseconds();
        List<CacheRow> rows = [];
        using SqliteDataReader reader = _find.ExecuteReader();
        while (reader.Read())
        {
            CachedAnswer answer = new(reader.GetString(2), reader.GetInt32(1), reader.GetInt64(5), (CachedKind)reader.GetInt32(3), reader.GetString(4), default);
            rows.Add(new CacheRow(reader.GetInt64(0), answer, reader.GetInt64(6)));
        }

        return rows;
    }

    /// <returns><see langword="null"/> when it has gone meanwhile.</returns>
    public byte[]? ReadBody(long id)
    {
        _read.Parameters[0].Value = id;
        return (byte[]?)_read.ExecuteScalar();
    }

    public void Dispose()
    {
        _find.Dispose();
        _read.Dispose();
        _connection.Dispose();
    }
}
