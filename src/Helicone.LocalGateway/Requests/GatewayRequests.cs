using System;
using System.Collections.Generic;
using System.Text;
using System.Threading.Tasks;
using Helicone.LocalGateway.Authentication;
using Helicone.LocalGateway.Errors;
using Helicone.LocalGateway.Hosting;
using Helicone.LocalGateway.Log;
using Helicone.LocalGateway.Page;
using Helicone.LocalGateway.Query;
using Helicone.LocalGateway.Registry;
using Helicone.LocalGateway.Routing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Helicone.LocalGateway.Requests;

/// <summary>Where every request begins: which of them is what.</summary>
internal sealed class GatewayRequests(InferencePipeline inference, ApiRequests api, PageRequests page, UserRequests users, LiveRoutingTable routing, ILogger logger)
{
    private const string Json = "application/json";
    private const string ModelPrefix = "/v1/models/";

    // On the cloud this list is served by the API's host, and its gateway answers 405.
    private const string Multimodal = "/v1/models/multimodal";

    private static readonly byte[] s_healthy = """{"status":"healthy :)"}"""u8.ToArray();

    public async Task HandleAsync(HttpContext context)
    {
        try
        {
            LoopbackGuard.Check(context.Request);
            await RouteAsync(context);
        }
        catch (RequestRefusedException refusal)
        {
            await RefuseAsync(context.Response, refusal);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client disconnected. There is no one to answer.
        }
        catch (Exception e) when (context.Response.HasStarted)
        {
            // Thrown on, it makes Kestrel close the connection without the end of the body: the client has all that came and sees that there was
            // more. A clean end would pass a part off as the whole; Abort() would take back what is still on its way.
            GatewayLog.AnswerCut(logger, context.Response.Headers["helicone-provider"].ToString(), e.Message);
            throw;
        }
        catch (LogUnavailableException unavailable)
        {
            context.Response.Clear();
            await RefuseAsync(context.Response, unavailable.ToRefusal());
        }
        catch (Exception e) when (e is not BadHttpRequestException)
        {
            GatewayLog.Failed(logger, context.Request.Path.ToString(), e);
            await FailAsync(context.Response, e);
        }
    }

    private async Task RouteAsync(HttpContext context)
    {
        HttpRequest request = context.Request;
        if (await api.TryHandleAsync(context) || await page.TryHandleAsync(context) || await users.TryHandleAsync(context))
        {
            return;
        }

        if (HttpMethods.IsPost(request.Method))
        {
            ServedPaths.RefuseOtherOperations(request);
            await inference.HandleAsync(context);
            return;
        }

        if (HttpMethods.IsGet(request.Method))
        {
            // Public, there and here.
            switch (request.Path.Value)
            {
                case "/v1/models":
                    await WriteAsync(context.Response, 200, Json, routing.Current.Registry.ModelsJson);
                    return;
                case "/v1/public/model-registry/models":
                    await WriteAsync(context.Response, 200, Json, routing.Current.Registry.RegistryJson);
                    return;
                case "/healthcheck":
                    await WriteAsync(context.Response, 200, Json, s_healthy);
                    return;
                case { } path when path.StartsWith(ModelPrefix, StringComparison.Ordinal) && path != Multimodal:
                    await WriteModelAsync(context.Response, path[ModelPrefix.Length..]);
                    return;
            }

            if (request.Path.Value != Multimodal && !ServedPaths.IsChat(request) && !ServedPaths.IsAnthropic(request))
            {
                throw ServedPaths.NotFound(request);
            }
        }

        context.Response.Headers.Allow = "POST, GET";
        throw new RequestRefusedException(405, "Method not allowed. AI Gateway only accepts POST requests.");
    }

    private Task WriteModelAsync(HttpResponse response, string id) => routing.Current.Registry.Find(id) is { } model
        ? WriteAsync(response, 200, Json, RegistryAnswers.Model(model))
        : throw RequestErrors.Create(404, $"The model '{id}' doesn't exist on the local gateway. GET /v1/models lists the models.", "model_not_found");

    private static Task RefuseAsync(HttpResponse response, RequestRefusedException refusal)
    {
        foreach (KeyValuePair<string, string> header in refusal.Headers)
        {
            response.Headers[header.Key] = header.Value;
        }

        return WriteAsync(response, refusal.StatusCode, refusal.ContentType, Encoding.UTF8.GetBytes(refusal.Body));
    }

    /// <summary>The shape of Helicone's own accidents. What went wrong stays in the log: an exception may quote what it failed on.</summary>
    private static Task FailAsync(HttpResponse response, Exception exception)
    {
        response.Clear();
        response.Headers["helicone-error"] = "true";
        const string Message = "The local gateway failed. Its log on standard error contains the cause.";
        const string Support = "This is the gateway on your own machine: Helicone's support does not see it.";
        string body = $$"""{"helicone-message":"{{Message}}","support":"{{Support}}","helicone-error":"{{exception.GetType().Name}}"}""";
        return WriteAsync(response, 500, Json, Encoding.UTF8.GetBytes(body));
    }

    private static async Task WriteAsync(HttpResponse response, int statusCode, string contentType, byte[] body)
    {
        response.StatusCode = statusCode;
        response.ContentType = contentType;
        response.ContentLength = body.Length;
        await response.BodyWriter.WriteAsync(body, response.HttpContext.RequestAborted);
    }
}
