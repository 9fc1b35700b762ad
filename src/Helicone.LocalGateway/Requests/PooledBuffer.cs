using System;
using System.Buffers;

namespace Helicone.LocalGateway.Requests;

/// <summary>Bytes that grow in an array of the shared pool; whoever made it gives it back by disposing of it.</summary>
/// <param name="capacity">How many bytes there is room for at first.</param>
/// <param name="budget">What its growth is counted against, if against anything.</param>
internal sealed class PooledBuffer(int capacity, MemoryBudget? budget = null) : IBufferWriter<byte>, IDisposable
{
    private long _taken;
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(capacity);

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> WrittenMemory => _bytes.AsMemory(0, Length);

    public void Advance(int count) => Length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(Length);
    }

    /// <summary>Forgets what was written and keeps the array.</summary>
    public void Clear() => Length = 0;

    public void Dispose()
    {
        byte[] bytes = _bytes;
        _bytes = [];
        Length = 0;
        budget?.GiveBack(_taken);
        _taken = 0;
        if (bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private void Reserve(int sizeHint)
    {
        int needed = Length + Math.Max(sizeHint, 1);
        if (needed > _bytes.Length)
        {
            int size = Math.Max(needed, _bytes.Length * 2);
            budget?.Take(size - _bytes.Length);
            _taken += size - _bytes.Length;
            byte[] larger = ArrayPool<byte>.Shared.Rent(size);
            _bytes.AsSpan(0, Length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = larger;
        }
    }
}
