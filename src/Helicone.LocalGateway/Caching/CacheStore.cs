using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.Data.Sqlite;

namespace Helicone.LocalGateway.Caching;

/// <summary>The answers in the file of the cache, and those that are being written: an added answer can be found at once, and is written in the background.</summary>
internal sealed class CacheStore : IDisposable
{
    private const int MostWaiting = 4096;
    private const int MostAtOnce = 128;
    private const int EntriesBetweenTrims = 256;

    // The order of use needs no more precision, and a hit that writes nothing is a fast one.
    private static readonly TimeSpan s_useResolution = TimeSpan.FromHours(1);

    private readonly string _path;
    private readonly CacheLimits _limits;
    private readonly TimeProvider _time;
    private readonly Action<Exception?> _written;
    private readonly CacheFile _file;
    private readonly ConcurrentBag<CacheReader> _readers = [];
    private readonly ConcurrentDictionary<(string Key, int Slot), CacheEntry> _pending = new();
    private readonly BlockingCollection<object> _queue = new(MostWaiting);
    private readonly Thread _writer;
    private long _pendingBytes;

    /// <param name="path">The file.</param>
    /// <param name="limits">How much goes into it.</param>
    /// <param name="time">The clock.</param>
    /// <param name="written">Told after each write why it failed, or <see langword="null"/>.</param>
    /// <exception cref="SqliteException">It cannot be opened.</exception>
    public CacheStore(string path, CacheLimits limits, TimeProvider time, Action<Exception?> written)
    {
        _path = path;
        _limits = limits;
        _time = time;
        _written = written;
        _file = new CacheFile(path);
        _writer = new Thread(Write) { IsBackground = true, Name = "Cache writer" };
        _writer.Start();
    }

    /// <summary>A random answer of a bucket of which every slot is filled.</summary>
    public CachedAnswer? FindInFull(string key, int slots)
    {
        // First what is on its way: it is in the file before it stops being there.
        CacheEntry?[] pending = PendingOf(key, slots);
        CacheReader reader = Rent();
        try
        {
            List<CacheRow> rows = reader.Find(key, slots, _time.GetUtcNow());
            int slot = Random.Shared.Next(slots);
            for (int i = 0; i < slots; i++)
            {
                if (pending[i] is null && !rows.Exists(r => r.Answer.Slot == i))
                {
                    return null;
                }
            }

            if (pending[slot] is { } entry)
            {
                return entry.Answer;
            }

            CacheRow row = rows.Find(r => r.Answer.Slot == slot);
            Touch(row);
            return reader.ReadBody(row.Id) is { } body ? row.Answer with { Body = body } : null;
        }
        finally
        {
            _readers.Add(reader);
        }
    }

    /// <summary>Puts an answer into the first free slot of its bucket, if there is one.</summary>
    public void AddToFree(string key, int slots, TimeSpan maxAge, CachedAnswer answer)
    {
        DateTimeOffset now = _time.GetUtcNow();
        CacheEntry?[] pending = PendingOf(key, slots);
        List<CacheRow> rows;
        CacheReader reader = Rent();
        try
        {
            rows = reader.Find(key, slots, now);
        }
        finally
        {
            _readers.Add(reader);
        }

        for (int i = 0; i < slots; i++)
        {
            if (pending[i] is null && !rows.Exists(r => r.Answer.Slot == i))
            {
                // The body is a loan; the entry outlives it.
                Add(new CacheEntry(key, answer with { Slot = i, Body = answer.Body.ToArray() }, now + maxAge, now));
                return;
            }
        }
    }

    /// <summary>Writes what still waits, and closes the file.</summary>
    public void Dispose()
    {
        _queue.CompleteAdding();
        _writer.Join();
        foreach (CacheReader reader in _readers)
        {
            reader.Dispose();
        }

        _file.Dispose();
        _queue.Dispose();
    }

    private void Add(CacheEntry entry)
    {
        if (Interlocked.Add(ref _pendingBytes, entry.Size) > _limits.MaxPendingBytes || !Claim(entry))
        {
            Interlocked.Add(ref _pendingBytes, -entry.Size);
        }
        else if (!TryQueue(entry))
        {
            Forget(entry);
        }
    }

    /// <returns>Indicates whether nobody else fills that slot at this moment.</returns>
    private bool Claim(CacheEntry entry)
    {
        (string, int) slot = (entry.Key, entry.Answer.Slot);
        return _pending.TryAdd(slot, entry) ||
            (_pending.TryGetValue(slot, out CacheEntry? other) && other.ExpiresAt <= entry.UsedAt && _pending.TryUpdate(slot, entry, other));
    }

    /// <returns>Indicates whether there was room, and the gateway is not ending.</returns>
    private bool TryQueue(object write)
    {
        try
        {
            return _queue.TryAdd(write);
        }
        catch (InvalidOperationException) when (_queue.IsAddingCompleted)
        {
            return false;
        }
    }

    private void Touch(CacheRow row)
    {
        DateTimeOffset now = _time.GetUtcNow();
        if (now.ToUnixTimeMilliseconds() - row.UsedAt > s_useResolution.TotalMilliseconds)
        {
            TryQueue(new CacheUse(row.Id, now));
        }
    }

    private CacheEntry?[] PendingOf(string key, int slots)
    {
        CacheEntry?[] entries = new CacheEntry?[slots];
        if (_pending.IsEmpty)
        {
            return entries;
        }

        DateTimeOffset now = _time.GetUtcNow();
        for (int i = 0; i < slots; i++)
        {
            entries[i] = _pending.TryGetValue((key, i), out CacheEntry? entry) && entry.ExpiresAt > now ? entry : null;
        }

        return entries;
    }

    private CacheReader Rent() => _readers.TryTake(out CacheReader? reader) ? reader : new CacheReader(_path);

    private void Write()
    {
        int sinceTrim = EntriesBetweenTrims;
        foreach (object first in _queue.GetConsumingEnumerable())
        {
            List<object> batch = [first];
            while (batch.Count < MostAtOnce && _queue.TryTake(out object? next))
            {
                batch.Add(next);
            }

            List<CacheEntry> entries = [.. batch.OfType<CacheEntry>()];
            try
            {
                _file.Write(entries, [.. batch.OfType<CacheUse>()]);
                sinceTrim += entries.Count;
                if (sinceTrim >= EntriesBetweenTrims)
                {
                    _file.Trim(_limits, _time.GetUtcNow());
                    sinceTrim = 0;
                }

                _written(null);
            }
            catch (Exception e)
            {
                // Whatever it is: an exception that left this thread would end the gateway.
                _written(e);
            }

            entries.ForEach(Forget);
        }
    }

    private void Forget(CacheEntry entry)
    {
        _pending.TryRemove(new KeyValuePair<(string, int), CacheEntry>((entry.Key, entry.Answer.Slot), entry));
        Interlocked.Add(ref _pendingBytes, -entry.Size);
    }
}
