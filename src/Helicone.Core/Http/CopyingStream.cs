using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace Helicone.Http;

/// <summary>Keeps the beginning of what is read through it, and reports it once: at the end, or when the stream is closed.</summary>
internal sealed class CopyingStream(Stream inner, int most, Action<ArraySegment<byte>, long> ended) : Stream
{
    private readonly MemoryStream _beginning = new();
    private long _length;
    private int _hasEnded;

    /// <summary>What was kept so far.</summary>
    public ArraySegment<byte> Kept => new(_beginning.GetBuffer(), 0, (int)_beginning.Length);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Keep(buffer.AsSpan(offset, count), inner.Read(buffer, offset, count));

    public override async Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        int read = await inner.ReadAsync(buffer, offset, count, cancellationToken).ConfigureAwait(false);
        return Keep(buffer.AsSpan(offset, count), read);
    }

#if NET
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        return Keep(buffer.Span, read);
    }
#endif

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            End();
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Keep(Span<byte> buffer, int read)
    {
        int kept = Math.Min(read, most - (int)_beginning.Length);
#if NET
        _beginning.Write(buffer.Slice(0, kept));
#else
        _beginning.Write(buffer.Slice(0, kept).ToArray(), 0, kept);
#endif
        _length += read;
        if (read == 0)
        {
            End();
        }

        return read;
    }

    private void End()
    {
        if (Interlocked.Exchange(ref _hasEnded, 1) == 0)
        {
            ended(Kept, _length);
        }
    }
}
