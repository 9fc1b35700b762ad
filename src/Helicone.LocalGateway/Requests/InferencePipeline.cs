using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Helicone.LocalGateway.Answers;
using Helicone.LocalGateway.Authentication;
using Helicone.LocalGateway.Caching;
using Helicone.LocalGateway.Errors;
using Helicone.LocalGateway.Log;
using Helicone.LocalGateway.Providers;
using Helicone.LocalGateway.RateLimits;
using Helicone.LocalGateway.Routing;
using Helicone.Offline.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Helicone.LocalGateway.Requests;

/// <summary>The way of a call through the gateway, from top to bottom.</summary>
internal sealed class InferencePipeline(
    Authenticator authenticator,
    LiveRoutingTable routing,
    AnswerCache cache,
    RateLimiter limits,
    RequestLog log,
    TimeProvider time,
    ILogger logger)
{
    // More than the reserve of the log's disk is meant for.
    private const int LargeBody = 1024 * 1024;

    /// <exception cref="RequestRefusedException">The call was refused before anybody was asked.</exception>
    public async Task HandleAsync(HttpContext context)
    {
        // Authenticate.
        authenticator.Check(context.Request);
        CloudFeatures.Refuse(context.Request.Headers);

        // Log: once the call is understood, whatever happens is in it before the client has seen the end of it.
        await log.EnsureWritableAsync();
        using CallRecorder call = new(log, context.Request, time);
        try
        {
            await AnswerAsync(context, call);
        }
        catch (RequestRefusedException refusal) when (call.IsOpen)
        {
            context.Response.Headers["Helicone-Id"] = call.Id;
            await call.AnsweredAsync(refusal.StatusCode, Encoding.UTF8.GetBytes(refusal.Body));
            throw;
        }
        catch (Exception e) when (call.IsOpen)
        {
            await call.BrokenOffAsync(e);
            throw;
        }
    }

    private async Task AnswerAsync(HttpContext context, CallRecorder call)
    {
        // Read.
        InferenceRequest request = await RequestReader.ReadAsync(context.Request, call.Id, context.RequestAborted);

        // Route.
        RoutingTable table = routing.Current;
        call.Received(request, table.Registry);
        if (request.Body.Json.Length > LargeBody)
        {
            await log.EnsureWritableAsync(request.Body.Json.Length);
        }

        CacheSettings? caching = CacheSettings.Of(request.Headers);
        call.CacheEnabled = caching is not null;
        List<Attempt> attempts = AttemptPlanner.Plan(ModelList.Parse(request.Model, table.Providers), table);

        // Attempt, one after the other, until somebody answers.
        List<AttemptError> errors = [];
        foreach (Attempt attempt in attempts)
        {
            // Cache. Here and not above: its key is made of the provider's URL and body, so every attempt has its own.
            CacheTicket? ticket = caching is not null && attempt.Provider.IsConfigured ? new CacheTicket(caching, CacheKey.Of(caching, attempt, request)) : null;
            if (await TryReplayAsync(context, call, attempt, ticket))
            {
                return;
            }

            // Rate limit. After the cache: a hit costs nothing. As on Helicone's cloud, each attempt counts.
            if (attempt.Provider.IsConfigured && Refuse(context, call) is { } refusal)
            {
                errors.Add(refusal with { Source = attempt.Source });
                break;
            }

            AttemptResult result = await AskAsync(attempt, request, call, context.RequestAborted);
            if (result.Answer is { } answer)
            {
                // Respond. From here on there is no other provider to turn to.
                await using (answer)
                {
                    await RespondAsync(context, call, attempt, answer, ticket);
                }

                return;
            }

            AttemptError error = result.Error! with { Source = attempt.Source };
            GatewayLog.AttemptFailed(logger, attempt.Source, error.StatusCode, error.Type);
            errors.Add(error);
            if (error.IsHeliconeRefusal && errors.Count == 1)
            {
                break;
            }
        }

        await AnswerWriter.WriteErrorAsync(context, call, ErrorEnvelope.For(errors.Count > 0 ? errors : [NoProviders]));
    }

    /// <summary>Answers out of the cache, if the call may have that and it is there.</summary>
    private async ValueTask<bool> TryReplayAsync(HttpContext context, CallRecorder call, Attempt attempt, CacheTicket? ticket)
    {
        if (ticket is not { Settings.Reads: true } reading || cache.Find(reading) is not { } hit)
        {
            return false;
        }

        call.ServedFromCache(attempt, hit.CallId);
        IHeaderDictionary headers = context.Response.Headers;
        headers["Helicone-Cache"] = "HIT";
        headers["Helicone-Cache-Bucket-Idx"] = hit.Slot.ToString(CultureInfo.InvariantCulture);
        headers["Helicone-Cache-Latency"] = hit.LatencyMilliseconds.ToString(CultureInfo.InvariantCulture);
        await using Answer answer = hit.Replay();
        await AnswerWriter.WriteAsync(context, call, attempt.Provider, answer);
        return true;
    }

    /// <summary>Asks the call's rate limit, if it names one.</summary>
    /// <returns><see langword="null"/> when it may go on.</returns>
    private AttemptError? Refuse(HttpContext context, CallRecorder call)
    {
        if (limits.Admit(context.Request.Headers) is not { } admission)
        {
            return null;
        }

        admission.WriteTo(context.Response.Headers);
        if (!admission.IsAllowed)
        {
            return new AttemptError(AttemptErrorType.RateLimited, admission.Refusal, 429);
        }

        call.Logged = entry => limits.Record(admission, entry);
        return null;
    }

    /// <summary>Asks a provider, and again where the call wants that.</summary>
    private async ValueTask<AttemptResult> AskAsync(Attempt attempt, InferenceRequest request, CallRecorder call, CancellationToken aborted)
    {
        RetrySettings? retries = RetrySettings.Of(request.Headers);
        for (int retry = 0; ; retry++)
        {
            call.Asking(attempt);
            AttemptResult result = await attempt.Provider.AskAsync(attempt, request, aborted);
            if (result.Error is not { } error)
            {
                return result;
            }

            call.Failed(error);
            if (retries is null || retry >= retries.Count || !RetrySettings.IsWorthIt(error))
            {
                return result;
            }

            GatewayLog.AttemptFailed(logger, attempt.Source, error.StatusCode, error.Type);
            await Task.Delay(retries.DelayBefore(retry), time, aborted);
        }
    }

    private async Task RespondAsync(HttpContext context, CallRecorder call, Attempt attempt, Answer answer, CacheTicket? ticket)
    {
        if (ticket is not { } caching)
        {
            await AnswerWriter.WriteAsync(context, call, attempt.Provider, answer);
            return;
        }

        if (caching.Settings.Reads)
        {
            context.Response.Headers["Helicone-Cache"] = "MISS";
        }

        await AnswerWriter.WriteAsync(context, call, attempt.Provider, answer, body => cache.Save(caching, answer, body, call.Id, call.Elapsed));
    }

    private static AttemptError NoProviders { get; } = new(
        AttemptErrorType.RequestFailed,
        "No available providers for the requested models. Check provider names and see supported models at https://helicone.ai/models",
        400,
        "No available providers");
}
