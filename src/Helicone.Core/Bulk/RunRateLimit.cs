using System;
using System.Threading;

namespace Helicone.Bulk;

/// <summary>The state of the rate limit that the calls of a run share.</summary>
internal sealed class RunRateLimit(int throttleLimit, TimeProvider time)
{
    // As long as a call may take by default. A limit that lets nothing through for longer is no longer one that passes.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(10);

    // A call that was refused while so many rounds of others succeeded doesn't meet the run's limit, but another one.
    private const int Rounds = 8;

    private long _answers;
    private long _refusals;
    private long _limitedSince;

    /// <summary>The number of calls that were answered.</summary>
    internal long Answers => Volatile.Read(ref _answers);

    /// <summary>The number of attempts that a rate limit refused.</summary>
    internal long Refusals => Volatile.Read(ref _refusals);

    /// <summary>The number of answers to others after which a call that is still refused counts as limited by itself.</summary>
    internal long AnswersOfOthers => (long)throttleLimit * Rounds;

    /// <summary>Indicates whether the limit has let nothing through for so long that waiting for it makes no sense.</summary>
    internal bool IsHopeless
    {
        get
        {
            long since = Volatile.Read(ref _limitedSince);
            return since != 0 && time.GetElapsedTime(since) >= s_patience;
        }
    }

    internal void Answered()
    {
        Interlocked.Increment(ref _answers);
        Volatile.Write(ref _limitedSince, 0);
    }

    internal void Refused()
    {
        Interlocked.Increment(ref _refusals);

        // Zero means "not limited", also on a clock that begins there.
        Interlocked.CompareExchange(ref _limitedSince, Math.Max(1, time.GetTimestamp()), 0);
    }
}
