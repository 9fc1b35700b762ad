using System;
using System.Collections.Generic;
using System.Text;
using System.Threading.Tasks;
using Helicone.LocalGateway.Answers;
using Helicone.LocalGateway.Authentication;
using Helicone.LocalGateway.Errors;
using Helicone.LocalGateway.Log;
using Helicone.LocalGateway.Providers;
using Helicone.LocalGateway.Routing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Helicone.LocalGateway.Requests;

/// <summary>The way of a call through the gateway, from top to bottom. Words in brackets are stages still to come, where they belong.</summary>
internal sealed class InferencePipeline(Authenticator authenticator, LiveRoutingTable routing, RequestLog log, TimeProvider time, ILogger logger)
{
    /// <exception cref="RequestRefusedException">The call was refused before anybody was asked.</exception>
    public async Task HandleAsync(HttpContext context)
    {
        // Authenticate.
        authenticator.Check(context.Request);

        // Log: from here on, whatever happens is in it before the client has seen the end of it.
        using CallRecorder call = new(log, context.Request, time);
        try
        {
            await AnswerAsync(context, call);
        }
        catch (RequestRefusedException refusal) when (!call.IsClosed)
        {
            context.Response.Headers["Helicone-Id"] = call.Id;
            await call.AnsweredAsync(refusal.StatusCode, Encoding.UTF8.GetBytes(refusal.Body));
            throw;
        }
        catch (Exception e) when (!call.IsClosed)
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
        List<Attempt> attempts = AttemptPlanner.Plan(ModelList.Parse(request.Model, table.Providers), table);

        // Attempt, one after the other, until somebody answers.
        List<AttemptError> errors = [];
        foreach (Attempt attempt in attempts)
        {
            // [cache] Here and not above: its key is made of the provider's URL and body, so every attempt has its own.
            // [rate limit] After the cache: a hit costs nothing.
            call.Asking(attempt);
            AttemptResult result = await attempt.Provider.AskAsync(attempt, request, context.RequestAborted);
            if (result.Answer is { } answer)
            {
                // Respond. From here on there is no other provider to turn to.
                await using (answer)
                {
                    await AnswerWriter.WriteAsync(context, call, attempt.Provider, answer);
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

    private static AttemptError NoProviders { get; } = new(
        AttemptErrorType.RequestFailed,
        "No available providers for the requested models. Check provider names and see supported models at https://helicone.ai/models",
        400,
        "No available providers");
}
