using System;
using System.Buffers;

namespace Helicone.LocalGateway.Requests;

/// <summary>Bytes that grow in an array of the shared pool. The creator returns it by disposing of it.</summary>
/// <param name="capacity">How many bytes there is room for at first.</param>
/// <param name="budget">What its growth is counted against, if against anything.</param>
/// <param name="expected">How many bytes there will be, where that is known. Once the first capacity is full, the array grows to exactly that.</param>
/// <param name="most">How many bytes there can be, where that is bounded. The array then grows to it in few steps.</param>
/// <param name="isRefusable">Indicates whether growth beyond the budget is refused. What a provider has been paid for is not, but counts all the same.</param>
internal sealed class PooledBuffer(int capacity, MemoryBudget? budget = null, int expected = 0, int most = 0, bool isRefusable = true) : IBufferWriter<byte>, IDisposable
{
    // The pool keeps what is returned to it, and rounds sizes up to powers of two: ten bodies of 49 MB left it with more than a gigabyte.
    private const int LargestPooled = 1024 * 1024;

    private const long LargeGrowth = 8;

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
            Take(size - _bytes.Length);
            byte[] larger = size <= LargestPooled ? ArrayPool<byte>.Shared.Rent(size) : GC.AllocateUninitializedArray<byte>(size);
            _bytes.AsSpan(0, Length).CopyTo(larger);
            Return(_bytes);
            _bytes = larger;
        }
    }

    private int NextSize(int needed)
    {
        // What has come already is proof enough that the rest will, and each step in between leaves an array for the garbage collector.
        return expected >= needed ? expected
            : most > 0 && needed > LargestPooled ? (int)Math.Max(needed, Math.Min(_bytes.Length * LargeGrowth, most))
            : (int)Math.Max(needed, Math.Min(_bytes.Length * 2L, Array.MaxLength));
    }

    private void Take(int more)
    {
        if (isRefusable)
        {
            budget?.Take(more);
        }
        else
        {
            budget?.Add(more);
        }

        _taken += more;
    }

    private static void Return(byte[] bytes)
    {
        if (bytes.Length is > 0 and <= LargestPooled)
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }
}
