using System;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Errors;

namespace Helicone.Http;

/// <summary>A second request races the first when that one has not begun to answer in time. The loser is cancelled.</summary>
internal static class Race
{
    /// <exception cref="HeliconeException">Both failed, or the first failed before a second was due.</exception>
    internal static async Task<HttpResponseMessage> RunAsync(CallRun run, TimeSpan head, TimeProvider time, Func<CancellationToken, Task<HttpResponseMessage>> send)
    {
        CancellationToken cancellationToken = run.Token;
        using CancellationTokenSource first = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using CancellationTokenSource second = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<HttpResponseMessage> one = send(first.Token);
        using (CancellationTokenSource wait = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
        {
            await Task.WhenAny(one, time.Delay(head, wait.Token)).ConfigureAwait(false);
            wait.Cancel();
        }

        if (one.IsCompleted || cancellationToken.IsCancellationRequested)
        {
            return await one.ConfigureAwait(false);
        }

        DateTimeOffset secondStartedAt = time.GetUtcNow();
        TimeSpan secondStarted = run.Elapsed;
        Task<HttpResponseMessage> two = send(second.Token);
        Task<HttpResponseMessage> winner = await Task.WhenAny(one, two).ConfigureAwait(false);
        Task<HttpResponseMessage> loser = winner == one ? two : one;
        if (winner.Status != TaskStatus.RanToCompletion)
        {
            // One of them failed: the other may still make it.
            await Task.WhenAny(loser).ConfigureAwait(false);
            if (loser.Status == TaskStatus.RanToCompletion)
            {
                (winner, loser) = (loser, winner);
            }
        }

        (loser == one ? first : second).Cancel();
        string? outcome = await EndAsync(loser).ConfigureAwait(false);
        run.Raced(
            loser == one ? null : secondStartedAt,
            loser == one ? TimeSpan.Zero : secondStarted,
            outcome ?? "Cancelled: the other of two racing attempts answered first.");
        return await winner.ConfigureAwait(false);
    }

    /// <summary>Waits for the loser, so that its connection is released; what it failed with, where it failed by itself.</summary>
    private static async Task<string?> EndAsync(Task<HttpResponseMessage> loser)
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
            return e.Message;
        }
    }
}
