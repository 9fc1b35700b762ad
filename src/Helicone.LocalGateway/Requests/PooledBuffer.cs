using System;
using System.Buffers;

namespace Helicone.LocalGateway.Requests;

/// <summary>Bytes that grow in an array of the shared pool; whoever made it gives it back by disposing of it.</summary>
/// <param name="capacity">How many bytes there is room for at first.</param>
/// <param name="budget">What its growth is counted against, if against anything.</param>
/// <param name="expected">How many bytes there will be, where that is known. A large array then grows to exactly that.</param>
/// <param name="copies">How often what is in it will be held in memory, this buffer included: that many times it is counted.</param>
internal sealed class PooledBuffer(int capacity, MemoryBudget? budget = null, int expected = 0, int copies = 1) : IBufferWriter<byte>, IDisposable
{
    // The pool keeps what is returned to it, and rounds sizes up to powers of two: ten bodies of 49 MB left it with more than a gigabyte.
    private const int LargestPooled = 1024 * 1024;

    // What it has grown to already is proof enough that the rest will come.
    private const int Growth = 4;

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
        Return(bytes);
    }

    private void Reserve(int sizeHint)
    {
        int needed = Length + Math.Max(sizeHint, 1);
        if (needed > _bytes.Length)
        {
            int size = NextSize(needed);
            long more = (long)(size - _bytes.Length) * copies;
            budget?.Take(more);
            _taken += more;
            byte[] larger = size <= LargestPooled ? ArrayPool<byte>.Shared.Rent(size) : GC.AllocateUninitializedArray<byte>(size);
            _bytes.AsSpan(0, Length).CopyTo(larger);
            Return(_bytes);
            _bytes = larger;
        }
    }

    private int NextSize(int needed)
    {
        int factor = expected > _bytes.Length ? Growth : 2;
        long size = Math.Max(needed, Math.Min((long)_bytes.Length * factor, Array.MaxLength));
        return (int)(expected >= needed ? Math.Min(size, expected) : size);
    }

    private static void Return(byte[] bytes)
    {
        if (bytes.Length is > 0 and <= LargestPooled)
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }
}
