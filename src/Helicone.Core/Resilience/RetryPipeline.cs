using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using Helicone.Errors;
using Polly;
using Polly.Retry;

namespace Helicone.Resilience;

/// <summary>The retries of every call of a client, as a Polly strategy. <see cref="RetryPolicy"/> decides for each call.</summary>
/// <remarks>Loading and building Polly takes 60 ms in a new process, so a call gets here only after its first attempt has failed.</remarks>
internal sealed class RetryPipeline(TimeProvider time)
{
    private readonly ResiliencePipeline _pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
        .AddRetry(new RetryStrategyOptions
        {
            // Each call has a separate limit, and attempts that a rate limit of the whole run refused don't count: ShouldHandle counts.
            MaxRetryAttempts = int.MaxValue,
            ShouldHandle = static args => new ValueTask<bool>(args.Outcome.Exception is HeliconeException e && Run(args.Context).MayRetry(e)),
            DelayGenerator = static args => new ValueTask<TimeSpan?>(Run(args.Context).NextDelay((HeliconeException)args.Outcome.Exception!)),
        })
        .Build();

    /// <summary>Makes attempts until one succeeds or none may follow.</summary>
    internal async Task<T> ExecuteAsync<T>(CallRun run, Func<Task<T>> attempt)
    {
        ResilienceContext context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: false, run.CallToken);
        context.Properties.Set(Keys.s_run, run);
        try
        {
            return await _pipeline.ExecuteAsync(static async (_, attempt) => await attempt().ConfigureAwait(false), context, attempt).ConfigureAwait(false);
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
}
