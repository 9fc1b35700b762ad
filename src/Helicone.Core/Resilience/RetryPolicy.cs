using System;
using Helicone.Errors;

namespace Helicone.Resilience;

/// <summary>The retries of one call: which failures are tried again, how often, and after what delay.</summary>
/// <remarks>
/// <see cref="RetryPipeline"/> asks it for each attempt. Hedging (<see cref="Race"/>) and the breaker of a bulk run
/// (<see cref="Bulk.BulkBreaker"/>) have rules that Polly's strategies don't have; they name them.
/// </remarks>
internal sealed class RetryPolicy(HeliconeOptions client, RequestOptions call, bool serverRetries, Watchdog watchdog)
{
    private readonly int _maxRetryAttempts = call.MaxRetries ?? client.MaxRetries;
    private int _retries;
    private int _limitedRetries;

    /// <summary>Indicates whether another attempt may follow one that failed.</summary>
    internal bool ShouldHandle(HeliconeException e)
    {
        if (!e.IsTransient || !HasRetryLeft)
        {
            return false;
        }

        // A request that may have been processed is not repeated where that would make a difference.
        if (call.RetryOnlyUnprocessed && !(e.NothingSent || e is { Kind: HeliconeErrorKind.RateLimited, StatusCode: 429 }))
        {
            return false;
        }

        // The gateway was asked to retry what the provider answers: doing it here as well would multiply the two.
        if (serverRetries && e.StatusCode is not null)
        {
            return false;
        }

        // Beyond the limit, or beyond the time that is left, waiting would only delay the same error.
        return e.RetryAfter is not { } wait || (wait <= client.MaxRetryAfter && wait < watchdog.Remaining);
    }

    /// <summary>The delay before the next attempt. Each call of this method uses up a retry.</summary>
    internal TimeSpan NextDelay(HeliconeException e)
    {
        int retry = _retries + _limitedRetries;
        if (e.Kind == HeliconeErrorKind.RateLimited)
        {
            _limitedRetries++;
        }
        else
        {
            _retries++;
        }

        // A server that requests no wait gets the client's own delay: otherwise every client would send again at once.
        return e.RetryAfter is { Ticks: > 0 } wait ? AsAsked(wait) : Backoff(retry);
    }

    /// <summary>Attempts that a limit of the whole run refused leave the call its retries. Without any retries, nothing is sent a second time.</summary>
    private bool HasRetryLeft =>
        _maxRetryAttempts > 0 && _retries + (call.Gate is { IsLimitShared: true } ? 0 : _limitedRetries) < _maxRetryAttempts;

    // At least as long as the server asked for, with jitter on top.
    private TimeSpan AsAsked(TimeSpan wait)
    {
        TimeSpan jitter = Jitter.For(wait, client.RetryDelay, client.Random());

        // The attempt still needs time after the delay.
        TimeSpan most = TimeSpan.FromTicks(Math.Max(0, (watchdog.Remaining - wait).Ticks / 2));
        return wait + (jitter < most ? jitter : most);
    }

    // Doubles with each retry up to the longest. Jitter takes off up to half, so that clients which failed together don't come back together.
    private TimeSpan Backoff(int retry)
    {
        double delay = Math.Min(client.RetryDelay.Ticks * Math.Pow(2, retry), client.MaxRetryDelay.Ticks);
        return TimeSpan.FromTicks((long)(delay * (1 + client.Random()) / 2));
    }
}
