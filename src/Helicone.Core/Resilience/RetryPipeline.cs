using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using Helicone.Errors;
using Polly;
using Polly.Retry;

namespace Helicone.Resilience;

/// <summary>When and how long after an attempt the next follows. Polly does the waiting.</summary>
internal sealed class RetryPipeline
{
    private readonly ResiliencePipeline _pipeline;

    internal RetryPipeline(HeliconeOptions options)
    {
        ResiliencePipelineBuilder builder = new() { TimeProvider = options.TimeProvider };
        _pipeline = builder
            .AddRetry(new RetryStrategyOptions
            {
                // How many is a matter of the call, and asked below.
                MaxRetryAttempts = int.MaxValue,
                Delay = options.RetryDelay,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Randomizer = options.Random,
                MaxDelay = options.MaxRetryDelay,
                ShouldHandle = static args => new ValueTask<bool>(
                    args.Outcome.Exception is HeliconeException e
                    && Run(args.Context).MayRetry(e)),
                DelayGenerator = static args => new ValueTask<TimeSpan?>(
                    args.Outcome.Exception is HeliconeException e ? Run(args.Context).RetryAfter(e) : null),
                OnRetry = static args =>
                {
                    Run(args.Context).Waiting(args.RetryDelay);
                    return default;
                },
            })
            .Build();
    }

    /// <summary>Goes on after a first attempt that failed.</summary>
    internal async Task<T> ContinueAsync<T>(CallRun run, HeliconeException first, Func<Task<T>> attempt)
    {
        ResilienceContext context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: false, run.CallToken);
        context.Properties.Set(Keys.s_run, run);
        try
        {
            State<T> state = new(first, attempt);
            Outcome<T> outcome = await _pipeline.ExecuteOutcomeAsync(
                static async (_, state) =>
                {
                    if (state.TakeFirst() is { } failed)
                    {
                        return Outcome.FromException<T>(failed);
                    }

                    try
                    {
                        return Outcome.FromResult(await state.Attempt().ConfigureAwait(false));
                    }
                    catch (Exception e) when (e is HeliconeException or OperationCanceledException)
                    {
                        return Outcome.FromException<T>(e);
                    }
                },
                context,
                state).ConfigureAwait(false);
            outcome.ThrowIfException();
            return outcome.Result!;
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private static CallRun Run(ResilienceContext context) =>
        context.Properties.TryGetValue(Keys.s_run, out CallRun? run) ? run : throw new KeyNotFoundException("The context of a retry has no call.");

    // Apart, because a static field of a struct of Polly's would load Polly together with this class, and with it for every client.
    private static class Keys
    {
        internal static readonly ResiliencePropertyKey<CallRun> s_run = new("Helicone.CallRun");
    }

    private sealed class State<T>(HeliconeException first, Func<Task<T>> attempt)
    {
        private HeliconeException? _first = first;

        internal Func<Task<T>> Attempt { get; } = attempt;

        internal HeliconeException? TakeFirst()
        {
            HeliconeException? taken = _first;
            _first = null;
            return taken;
        }
    }
}
