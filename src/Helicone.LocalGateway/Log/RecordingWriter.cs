using System;
using System.Buffers;
using Helicone.LocalGateway.Requests;

namespace Helicone.LocalGateway.Log;

/// <summary>Writes on, and keeps a copy of what passes.</summary>
internal sealed class RecordingWriter(IBufferWriter<byte> output) : IBufferWriter<byte>, IDisposable
{
    // A longer answer isn't one that anybody would look up. Only its end is kept, because it contains the usage.
    private const int LongestRecord = 64 * 1024 * 1024;

    private readonly PooledBuffer _record = new(4096, MemoryBudget.OfProcess, isRefusable: false);
    private Memory<byte> _lent;

    /// <summary>What has passed.</summary>
    public ReadOnlyMemory<byte> Written => _record.WrittenMemory;

    /// <summary>Indicates whether the beginning of it was too long to keep.</summary>
    public bool IsTruncated { get; private set; }

    public void Advance(int count)
    {
        Keep(_lent.Span[..count]);
        _lent = _lent[count..];
        output.Advance(count);
    }

    /// <summary>Keeps a copy of what is written elsewhere, later.</summary>
    public void Keep(ReadOnlySpan<byte> bytes)
    {
        if (_record.Length + bytes.Length > LongestRecord)
        {
            _record.Clear();
            IsTruncated = true;
        }

        _record.Write(bytes);
    }

    public Memory<byte> GetMemory(int sizeHint = 0) => _lent = output.GetMemory(sizeHint);

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public void Dispose() => _record.Dispose();
}
