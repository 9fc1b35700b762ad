using System.Text;
using System.Threading;
using Helicone.LocalGateway.Errors;
using Helicone.Offline.Errors;

namespace Helicone.LocalGateway.Requests;

/// <summary>How much memory all large requests and answers together may have. Each alone is bounded; a thousand of them at once would still be too much.</summary>
internal sealed class MemoryBudget(long bytes)
{
    private long _used;

    /// <summary>
    /// That of this process. The first megabyte of each request is not counted. Together with the one call that the log's writer has in its hands,
    /// which SQLite copies twice, and the program itself, it is a gigabyte.
    /// </summary>
    public static MemoryBudget OfProcess { get; } = new(768L * 1024 * 1024);

    /// <summary>How much is taken at this moment.</summary>
    public long Used => Interlocked.Read(ref _used);

    /// <summary>Takes that much.</summary>
    /// <exception cref="RequestRefusedException">429: the budget is used up. Waiting for it could deadlock two requests.</exception>
    public void Take(long amount)
    {
        if (Interlocked.Add(ref _used, amount) <= bytes)
        {
            return;
        }

        Interlocked.Add(ref _used, -amount);
        ErrorEnvelope envelope = new(429, "rate_limited", "The local gateway holds as many large requests as it can at this moment. Try again.", []);
        throw new RequestRefusedException(429, Encoding.UTF8.GetString(envelope.ToJson())) { Headers = [new("Retry-After", "1")] };
    }

    /// <summary>Takes that much whether or not it is left: what comes afterward is refused sooner.</summary>
    public void Add(long amount) => Interlocked.Add(ref _used, amount);

    public void GiveBack(long amount) => Interlocked.Add(ref _used, -amount);
}
