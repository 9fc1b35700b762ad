using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace Helicone.Http;

/// <summary>The body of an event stream: tells the watchdog that something came, and bounds what one event may hold.</summary>
internal sealed class GuardedStream(Stream inner, Watchdog watchdog, int maxEventBytes) : Stream
{
    private int _sinceEvent;

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
    internal void EventRead() => _sinceEvent = 0;

    public override int Read(byte[] buffer, int offset, int count) => Count(inner.Read(buffer, offset, count));

    public override async Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        Count(await inner.ReadAsync(buffer, offset, count, cancellationToken).ConfigureAwait(false));

#if NET
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ValueTask<int> read = inner.ReadAsync(buffer, cancellationToken);
        return read.IsCompletedSuccessfully ? new ValueTask<int>(Count(read.GetAwaiter().GetResult())) : AwaitAsync(read);
    }

    private async ValueTask<int> AwaitAsync(ValueTask<int> read) => Count(await read.ConfigureAwait(false));
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

    private int Count(int read)
    {
        if (read > 0)
        {
            watchdog.Touch();
            _sinceEvent += read;
            if (_sinceEvent > maxEventBytes)
            {
                throw new InvalidDataException($"One event of the stream is larger than {maxEventBytes / 1024 / 1024} MB.");
            }
        }

        return read;
    }
}
