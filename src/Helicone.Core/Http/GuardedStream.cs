using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Resilience;

namespace Helicone.Http;

/// <summary>The body of an event stream: notifies the watchdog of data, limits the size, and keeps the beginning of a body without events.</summary>
internal sealed class GuardedStream(Stream inner, Watchdog watchdog, int maxEventBytes, int maxStreamBytes) : Stream
{
    private const int MaxHeadBytes = 64 * 1024;

    private MemoryStream? _head = new();
    private int _sinceEvent;
    private int _total;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>An event has been read: the count begins anew.</summary>
    internal void EventRead()
    {
        _sinceEvent = 0;
        _head = null;
    }

    /// <summary>The body's first bytes; empty as soon as an event has been read.</summary>
    internal ReadOnlyMemory<byte> Head => _head is null ? default : new ReadOnlyMemory<byte>(_head.GetBuffer(), 0, (int)_head.Length);

    public override int Read(byte[] buffer, int offset, int count) => Count(inner.Read(buffer, offset, count), buffer.AsSpan(offset));

    public override async Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        Count(await inner.ReadAsync(buffer, offset, count, cancellationToken).ConfigureAwait(false), buffer.AsSpan(offset));

#if NET
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ValueTask<int> read = inner.ReadAsync(buffer, cancellationToken);
        return read.IsCompletedSuccessfully ? new ValueTask<int>(Count(read.GetAwaiter().GetResult(), buffer.Span)) : AwaitAsync(read, buffer);
    }

    private async ValueTask<int> AwaitAsync(ValueTask<int> read, Memory<byte> buffer) => Count(await read.ConfigureAwait(false), buffer.Span);
#endif

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Count(int read, ReadOnlySpan<byte> buffer)
    {
        if (read <= 0)
        {
            return read;
        }

        watchdog.Touch();
        _sinceEvent += read;
        _total += read;
        if (_sinceEvent > maxEventBytes)
        {
            throw new InvalidDataException($"One event of the stream is larger than {maxEventBytes / 1024 / 1024} MB.");
        }

        if (_total > maxStreamBytes)
        {
            throw new InvalidDataException($"The stream is larger than {maxStreamBytes / 1024 / 1024} MB.");
        }

        if (_head is not null && _head.Length + read > MaxHeadBytes)
        {
            _head = null;
        }

        if (_head is not null)
        {
#if NET
            _head.Write(buffer.Slice(0, read));
#else
            _head.Write(buffer.Slice(0, read).ToArray(), 0, read);
#endif
        }

        return read;
    }
}
