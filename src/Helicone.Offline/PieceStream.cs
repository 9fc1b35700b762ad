using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace Helicone.Offline;

/// <summary>A body that comes in pieces, one for each read that finds nothing left of the last.</summary>
/// <param name="next">Gets the next piece; <see langword="null"/> at the end.</param>
internal sealed class PieceStream(Func<CancellationToken, Task<byte[]?>> next) : Stream
{
    private ReadOnlyMemory<byte> _piece;
    private bool _isDisposed;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read the stream asynchronously.");

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => TakeAsync(buffer.AsMemory(offset, count), cancellationToken);

#if NET
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(TakeAsync(buffer, cancellationToken));
#endif

    private async Task<int> TakeAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (_piece.IsEmpty)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_isDisposed)
            {
                throw new ObjectDisposedException(nameof(PieceStream));
            }

            if (await next(cancellationToken).ConfigureAwait(false) is not { } piece)
            {
                return 0;
            }

            _piece = piece;
        }

        int taken = Math.Min(buffer.Length, _piece.Length);
        _piece.Slice(0, taken).CopyTo(buffer);
        _piece = _piece.Slice(taken);
        return taken;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _isDisposed = true;
        base.Dispose(disposing);
    }
}
