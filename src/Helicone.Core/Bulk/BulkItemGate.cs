using System;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Errors;
using Helicone.Resilience;

namespace Helicone.Bulk;

/// <summary>One item's share in the pace and the rate limit of its run.</summary>
internal sealed class BulkItemGate(BulkPacer pacer, RunRateLimit limit, long estimatedTokens, CancellationToken halted) : AttemptGate
{
    // The longest wait of a call that a server requests. A call whose server requests a day fails, and the threshold counts it.
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(60);

    private readonly long _refusalsBefore = limit.Refusals;
    private long _refusals;
    private long _answersAtRefusal = -1;
    private Func<Task>? _sending;

    /// <inheritdoc/>
    internal override bool IsLimitShared =>
        limit.Refusals - _refusalsBefore > Volatile.Read(ref _refusals)
        && limit.Answers - Volatile.Read(ref _answersAtRefusal) <= limit.AnswersOfOthers
        && !limit.IsHopeless;

    /// <inheritdoc/>
    internal override Task WaitAsync(CancellationToken cancellationToken) => pacer.WaitAsync(estimatedTokens, cancellationToken);

    /// <inheritdoc/>
    internal override CancellationToken Halted => halted;

    /// <summary>Sets what is done once, before the next call's first attempt.</summary>
    internal void BeforeSending(Func<Task> sending) => _sending = sending;

    /// <inheritdoc/>
    internal override Task SendingAsync() => Interlocked.Exchange(ref _sending, null)?.Invoke() ?? Task.CompletedTask;

    /// <inheritdoc/>
    internal override void Failed(HeliconeException error)
    {
        // Each attempt pays for its tokens, and one that failed has used none.
        pacer.Correct(estimatedTokens, 0);
        if (error.Kind != HeliconeErrorKind.RateLimited)
        {
            return;
        }

        Interlocked.CompareExchange(ref _answersAtRefusal, limit.Answers, -1);
        Interlocked.Increment(ref _refusals);
        limit.Refused();
        if (error.RetryAfter is { } wait && wait <= s_longestPause)
        {
            pacer.Pause(wait);
        }
    }
}
