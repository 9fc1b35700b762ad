using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.Data.Sqlite;

namespace Helicone.LocalGateway.Log;

/// <summary>Compresses the bodies of calls that are older than a while: JSON takes a fifth of its space then, and every reader restores it.</summary>
/// <remarks>
/// Bodies are compressed outside of the writer's turn, in the order of the log, and each batch is committed together with how far it went. A
/// gateway that is killed in between compresses the last batch again.
/// </remarks>
internal sealed class LogCompression(RequestLog log, TimeProvider time)
{
    private const int CallsAtOnce = 32;
    private const long BytesAtOnce = 1024 * 1024;

    /// <summary>Compresses what is older than that.</summary>
    /// <returns>How many bytes that saved.</returns>
    public async Task<long> ApplyAsync(TimeSpan age, CancellationToken cancellationToken)
    {
        long saved = 0;
        while (true)
        {
            long started = Stopwatch.GetTimestamp();
            DateTimeOffset now = time.GetUtcNow();
            Batch batch = await log.ReadAsync(connection => Read(connection, (now - age).ToUnixTimeMilliseconds(), now.ToUnixTimeMilliseconds()), cancellationToken);
            if (batch.UpTo is not { } upTo)
            {
                return saved;
            }

            await log.ChangeAsync(session => session.Compress(batch.Calls, upTo));
            saved += batch.Saved;

            // No more than half of one processor.
            await Task.Delay(Stopwatch.GetElapsedTime(started) + TimeSpan.FromMilliseconds(1), cancellationToken);
        }
    }

    /// <summary>Reads and compresses the next calls, in the reader's own view of the log.</summary>
    private static Batch Read(SqliteConnection connection, long before, long now)
    {
        // A call from the future is one of a wrong clock, and does not hold up those behind it.
        using Statement rows = new(connection, """
            SELECT c.id, c.created_at < ?1 OR c.created_at > ?2, b.request, b.response FROM call c LEFT JOIN body b ON b.call_id = c.id
            WHERE c.id > (SELECT upto FROM compressed) ORDER BY c.id LIMIT ?3
            """);
        Batch batch = new();
        long bytes = 0;
        rows.Begin().Bind(before).Bind(now).Bind(CallsAtOnce);
        while (bytes < BytesAtOnce && rows.Next() && rows.Number(1) != 0)
        {
            batch.UpTo = rows.Number(0);
            bytes += rows.Bytes(2).Length + rows.Bytes(3).Length;
            ReadOnlyMemory<byte>? request = StoredBody.TryCompress(rows.Bytes(2));
            ReadOnlyMemory<byte>? response = StoredBody.TryCompress(rows.Bytes(3));
            if (request is not null || response is not null)
            {
                batch.Calls.Add(new CompressedCall(rows.Number(0), request, response));
                batch.Saved += Saved(rows.Bytes(2), request) + Saved(rows.Bytes(3), response);
            }
        }

        rows.Reset();
        return batch;
    }

    private static int Saved(ReadOnlySpan<byte> original, ReadOnlyMemory<byte>? compressed) => compressed is { } bytes ? original.Length - bytes.Length : 0;

    private sealed class Batch
    {
        public List<CompressedCall> Calls { get; } = [];

        /// <summary>The last call that was looked at; <see langword="null"/> when there was none.</summary>
        public long? UpTo { get; set; }

        public long Saved { get; set; }
    }
}
