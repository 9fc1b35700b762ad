using System;
using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using Helicone.LocalGateway.Errors;
using Helicone.LocalGateway.Requests;

namespace Helicone.LocalGateway.Tests.Hardening;

public sealed class MemoryTests
{
    [Fact]
    public void LargeBodies_AreRefusedWhenTogetherTheyAreTooLarge_AndTakenWhenOthersAreGone()
    {
        MemoryBudget budget = new(1_000_000);
        byte[] chunk = new byte[100_000];
        using PooledBuffer other = new(4096, budget);
        PooledBuffer first = new(4096, budget);
        for (int i = 0; i < 5; i++)
        {
            first.Write(chunk);
        }

        RequestRefusedException refusal = Assert.Throws<RequestRefusedException>(() => Fill(other, chunk));
        first.Dispose();
        first.Dispose();
        other.Dispose();
        using PooledBuffer next = new(4096, budget);
        for (int i = 0; i < 5; i++)
        {
            next.Write(chunk);
        }

        Assert.Equal(429, refusal.StatusCode);
        Assert.Contains("\"code\":\"rate_limited\"", refusal.Body, System.StringComparison.Ordinal);
        Assert.Contains(refusal.Headers, h => h.Key == "Retry-After");
    }

    [Fact]
    public void SmallBodies_AreCountedAgainstNothing()
    {
        MemoryBudget budget = new(1);
        using PooledBuffer buffer = new(4096, budget);

        buffer.Write(Encoding.UTF8.GetBytes(new string('a', 4096)));

        Assert.Equal(4096, buffer.Length);
    }

    [Fact]
    public void LargeBody_OfAnnouncedLength_TakesThatLength_AndIsCountedForEveryCopy()
    {
        const int Length = 49 * 1024 * 1024;
        const int First = 1024 * 1024;
        MemoryBudget budget = new(2L * (Length - First));
        byte[] chunk = new byte[First];
        PooledBuffer body = new(First, budget, Length, copies: 2);
        for (int i = 0; i < Length / First; i++)
        {
            body.Write(chunk);
        }

        Assert.True(MemoryMarshal.TryGetArray(body.WrittenMemory, out ArraySegment<byte> array));
        Assert.Equal(Length, array.Array!.Length);
        Assert.Throws<RequestRefusedException>(() => budget.Take(1));
        body.Dispose();
        budget.Take(2L * (Length - First));
    }

    private static void Fill(PooledBuffer buffer, byte[] chunk)
    {
        for (int i = 0; i < 20; i++)
        {
            buffer.Write(chunk);
        }
    }
}
