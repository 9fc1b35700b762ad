using System;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Errors;

namespace Helicone.Resilience;

/// <summary>A second request races the first when the first hasn't begun to answer in time. The loser is canceled.</summary>
/// <remarks>
/// A hedging strategy of Polly also sends a second request when the first fails, which is for the retries to decide here, and it ends before the
/// loser has ended, whose outcome belongs to the attempts of the answer.
/// </remarks>
internal static class Race
{
    /// <param name="run">The call.</param>
    /// <param name="head">How long the first request runs alone.</param>
    /// <param name="time">The clock.</param>
    /// <param name="gate">The pace that the second request has to keep.</param>
    /// <param name="send">Sends a request.</param>
    /// <exception cref="HeliconeException">Both failed, or the first failed before a second was due.</exception>
    internal static async Task<HttpResponseMessage> RunAsync(
        CallRun run, TimeSpan head, TimeProvider time, AttemptGate? gate, Func<CancellationToken, Task<HttpResponseMessage>> send)
    {
        CancellationToken cancellationToken = run.Token;
        using CancellationTokenSource stopFirst = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using CancellationTokenSource stopSecond = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<HttpResponseMessage> first = send(stopFirst.Token);
        if (!await IsDueAsync(first, head, time, gate, stopSecond).ConfigureAwait(false)
            || cancellationToken.IsCancellationRequested
            || run.Budget?.TryBegin() == false)
        {
            return await first.ConfigureAwait(false);
        }

        DateTimeOffset secondStartedAt = time.GetUtcNow();
        TimeSpan secondStarted = run.Elapsed;
        Task<HttpResponseMessage> second = send(stopSecond.Token);
        Task<HttpResponseMessage> winner = await Task.WhenAny(first, second).ConfigureAwait(false);
        Task<HttpResponseMessage> loser = winner == first ? second : first;
        if (winner.Status != TaskStatus.RanToCompletion)
        {
            // One of them failed: the other may still make it.
            await Task.WhenAny(loser).ConfigureAwait(false);
            if (loser.Status == TaskStatus.RanToCompletion)
            {
                (winner, loser) = (loser, winner);
            }
        }

        (loser == first ? stopFirst : stopSecond).Cancel();
        HeliconeException? failure = await EndAsync(loser).ConfigureAwait(false);
        if (failure is not null)
        {
            run.Budget?.Failed(failure);
        }
        else
        {
            // Not reserved any longer: a retry of this call would wait for it.
            run.Budget?.Canceled();
        }

        run.RecordRace(
            loser == first ? null : (secondStartedAt, secondStarted),
            failure,
            isLost: winner.Status == TaskStatus.RanToCompletion);
        return await winner.ConfigureAwait(false);
    }

    /// <summary>Waits until the second request is due and the pace allows it.</summary>
    /// <returns><see langword="false"/> when the first request ended before that.</returns>
    private static async Task<bool> IsDueAsync(Task first, TimeSpan head, TimeProvider time, AttemptGate? gate, CancellationTokenSource stop)
    {
        using CancellationTokenSource wait = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
        Task due = WaitAsync(head, time, gate, wait.Token);
        await Task.WhenAny(first, due).ConfigureAwait(false);
        if (!first.IsCompleted)
        {
            return due.Status == TaskStatus.RanToCompletion;
        }

        // The call that waits next for the pace takes the place.
        wait.Cancel();
        await Task.WhenAny(due).ConfigureAwait(false);
        return false;
    }

    private static async Task WaitAsync(TimeSpan head, TimeProvider time, AttemptGate? gate, CancellationToken cancellationToken)
    {
        await time.Delay(head, cancellationToken).ConfigureAwait(false);
        if (gate is not null)
        {
            await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Waits for the loser, so that its connection is released.</summary>
    /// <returns>What the loser failed with, where it failed by itself.</returns>
    private static async Task<HeliconeException?> EndAsync(Task<HttpResponseMessage> loser)
    {
        try
        {
            (await loser.ConfigureAwait(false)).Dispose();
            return null;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        catch (HeliconeException e)
        {
            return e;
        }
    }
}
