using FsCheck;
using FsCheck.Xunit;
using Helicone.Bulk;

namespace Helicone.Core.Tests.Bulk;

public class CallWindowTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    [Property(MaxTest = 50)]
    public void Order_IsKept_AndTheLimitToo_HoweverLongEachTakes(PositiveInt limit, byte[] durations)
    {
        int most = 0;
        int running = 0;
        int[] results = RunAsync(1 + (limit.Get % 8), durations.Length, async i =>
        {
            int now = Interlocked.Increment(ref running);
            InterlockedMax(ref most, now);
            if (durations[i] % 4 != 0)
            {
                await Task.Delay(durations[i] % 4);
            }

            Interlocked.Decrement(ref running);
            return i;
        }).GetAwaiter().GetResult().Select(t => t.Result).ToArray();

        Assert.Equal(Enumerable.Range(0, durations.Length), results);
        Assert.InRange(most, Math.Min(1, durations.Length), 1 + (limit.Get % 8));
    }

    [Fact]
    public async Task Limit_IsUsedUp_AndNotExceeded()
    {
        const int Limit = 16;
        int running = 0;
        TaskCompletionSource full = new(TaskCreationOptions.RunContinuationsAsynchronously);

        List<Task<int>> results = await RunAsync(Limit, 200, async i =>
        {
            int now = Interlocked.Increment(ref running);
            Assert.InRange(now, 1, Limit);
            if (now == Limit)
            {
                full.TrySetResult();
            }

            // Nobody goes on before the window was full once.
            await full.Task;
            await Task.Yield();
            Interlocked.Decrement(ref running);
            return i;
        }).WaitAsync(s_patience);

        Assert.Equal(200, results.Count);
        Assert.All(results, r => Assert.True(r.IsCompletedSuccessfully));
    }

    [Fact]
    public async Task SlowHead_DoesNotIdleTheOthers_AndTheQueueStaysBounded()
    {
        const int Limit = 4;
        CallWindow<int> window = new(Limit);
        TaskCompletionSource<int> head = new();
        int started = 0;
        window.Start(() => head.Task);

        while (true)
        {
            while (window.IsFull && window.Running == Limit)
            {
                await window.WaitAsync().WaitAsync(s_patience);
            }

            if (window.IsFull)
            {
                break;
            }

            int number = ++started;
            window.Start(async () =>
            {
                await Task.Yield();
                return number;
            });
        }

        Assert.Equal(Limit * 4, window.Count);
        Assert.False(window.TryTake(out _));
        await Task.WhenAny(Task.Delay(50));
        Assert.Equal(1, window.Running);
        head.SetResult(0);
        for (int i = 0; i < Limit * 4; i++)
        {
            Task<int> finished;
            while (!window.TryTake(out finished))
            {
                await window.WaitAsync().WaitAsync(s_patience);
            }

            Assert.Equal(i, await finished);
        }

        Assert.Equal(0, window.Count);
    }

    [Fact]
    public async Task OneFailure_DoesNotDisturbTheOthers()
    {
        List<Task<int>> results = await RunAsync(3, 12, async i =>
        {
            if (i == 2)
            {
                throw new InvalidOperationException("at once");
            }

            await Task.Yield();
            return i % 5 == 0 ? throw new InvalidOperationException("later") : i;
        }).WaitAsync(s_patience);

        Assert.Equal([0, 2, 5, 10], results.Select((r, i) => (r, i)).Where(x => x.r.IsFaulted).Select(x => x.i));
        Assert.Equal([1, 3, 4, 6, 7, 8, 9, 11], results.Where(r => !r.IsFaulted).Select(r => r.Result));
    }

    [Fact]
    public async Task Call_ThatThrowsInsteadOfReturningATask_IsAFailedCall()
    {
        CallWindow<int> window = new(1);

        window.Start(() => throw new FormatException("before anything was sent"));

        Assert.True(window.TryTake(out Task<int> finished));
        await Assert.ThrowsAsync<FormatException>(() => finished);
        Assert.Equal(0, window.Running);
        Assert.False(window.IsFull);
    }

    [Fact]
    public async Task Cancellation_EndsEveryCall_AndTheWindowEmpties()
    {
        using CancellationTokenSource stop = new();
        CallWindow<int> window = new(8);
        while (!window.IsFull)
        {
            window.Start(async () =>
            {
                await Task.Delay(Timeout.Infinite, stop.Token);
                return 0;
            });
        }

        await stop.CancelAsync();
        int cancelled = 0;
        while (window.Count > 0)
        {
            if (window.TryTake(out Task<int> finished))
            {
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => finished);
                cancelled++;
            }
            else
            {
                await window.WaitAsync().WaitAsync(s_patience);
            }
        }

        Assert.Equal(8, cancelled);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Limit_BelowOne_IsRefused(int limit) => Assert.Throws<ArgumentOutOfRangeException>(() => new CallWindow<int>(limit));

    /// <summary>The loop of everyone who uses a window.</summary>
    private static async Task<List<Task<int>>> RunAsync(int limit, int count, Func<int, Task<int>> call)
    {
        CallWindow<int> window = new(limit);
        List<Task<int>> results = [];
        for (int i = 0; i < count; i++)
        {
            while (window.IsFull)
            {
                if (window.TryTake(out Task<int> finished))
                {
                    results.Add(finished);
                }
                else
                {
                    await window.WaitAsync().WaitAsync(s_patience);
                }
            }

            int number = i;
            window.Start(() => call(number));
            Assert.InRange(window.Running, 0, limit);
            Assert.InRange(window.Count, 0, limit * 4);
        }

        while (window.Count > 0)
        {
            if (window.TryTake(out Task<int> finished))
            {
                results.Add(finished);
            }
            else
            {
                await window.WaitAsync().WaitAsync(s_patience);
            }
        }

        return results;
    }

    private static void InterlockedMax(ref int target, int value)
    {
        int seen;
        while (value > (seen = Volatile.Read(ref target)) && Interlocked.CompareExchange(ref target, value, seen) != seen)
        {
        }
    }
}
