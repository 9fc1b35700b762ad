using System;
using System.Collections.Generic;
using Helicone.LocalGateway.Hosting;
using Helicone.LocalGateway.Log;
using Microsoft.Data.Sqlite;

namespace Helicone.LocalGateway.Caching;

/// <summary>A connection that looks answers up. One at a time may use it.</summary>
internal sealed class CacheReader : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly Statement _find;
    private readonly Statement _read;

    public CacheReader(string path)
    {
        _connection = StateFile.Connect(path);
        _find = new Statement(_connection, "SELECT id, slot, call_id, kind, content_type, latency_ms, used_at FROM answer WHERE key = ? AND slot < ? AND expires_at > ?");
        _read = new Statement(_connection, "SELECT body FROM answer WHERE id = ?");
    }

    /// <summary>The answers of a bucket that have not expired, without their bodies.</summary>
    public List<CacheRow> Find(string key, int slots, DateTimeOffset now)
    {
        _find.Begin().Bind(key).Bind(slots).Bind(now.ToUnixTimeMilliseconds());
        List<CacheRow> rows = [];
        try
        {
            while (_find.Next())
            {
                CachedAnswer answer = new(_find.Text(2), (int)_find.Number(1), _find.Number(5), (CachedKind)_find.Number(3), _find.Text(4), default);
                rows.Add(new CacheRow(_find.Number(0), answer, _find.Number(6)));
            }
        }
        finally
        {
            // Else it would go on reading, and hold the file's past in the WAL.
            _find.Reset();
        }

        return rows;
    }

    /// <returns><see langword="null"/> when it has gone meanwhile.</returns>
    public byte[]? ReadBody(long id)
    {
        _read.Begin().Bind(id);
        try
        {
            return _read.Next() ? _read.Bytes(0).ToArray() : null;
        }
        finally
        {
            _read.Reset();
        }
    }

    public void Dispose()
    {
        _find.Dispose();
        _read.Dispose();
        _connection.Dispose();
    }
}
