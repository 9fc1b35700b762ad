using System;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Helicone.LocalGateway.Authentication;
using Helicone.LocalGateway.Log;
using Helicone.LocalGateway.Requests;
using Helicone.LocalGateway.Routing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Helicone.LocalGateway.Query;

/// <summary>The REST API of the log, and the endpoint for manual entries. The cloud serves them on separate hosts; here they share the gateway's.</summary>
internal sealed class ApiRequests(
    Authenticator authenticator,
    RequestQueries requests,
    SessionQueries sessions,
    UserQueries users,
    RequestChanges changes,
    SessionChanges sessionChanges,
    SignedBodyUrls bodyUrls,
    ManualLog manual)
{
    private const string RequestPrefix = "/v1/request/";
    private const string SessionPrefix = "/v1/session/";
    private const int LargestQuery = 4 * 1024 * 1024;

    private static readonly JsonDocumentOptions s_json = new() { MaxDepth = 512 };

    /// <summary>The API over that log.</summary>
    public static ApiRequests Over(RequestLog log, Authenticator authenticator, LiveRoutingTable routing, TimeProvider time) =>
        new(authenticator, new RequestQueries(log), new SessionQueries(log), new UserQueries(log), new RequestChanges(log, time), new SessionChanges(log), new SignedBodyUrls(time), new ManualLog(log, routing, time));

    /// <summary>Answers, if the request is one for the API.</summary>
    /// <returns>Indicates whether it was.</returns>
    public async ValueTask<bool> TryHandleAsync(HttpContext context)
    {
        string? signed = HttpMethods.IsGet(context.Request.Method) ? OfRequest(context.Request.Path.Value ?? string.Empty, "/body") : null;
        Func<HttpContext, Task>? answer = signed is null ? Route(context) : _ => GetBodiesAsync(context, signed);
        if (answer is null)
        {
            return false;
        }

        try
        {
            if (signed is null)
            {
                authenticator.CheckApi(context.Request);
            }

            await answer(context);
        }
        catch (QueryRefusedException refusal)
        {
            await ApiAnswer.WriteErrorAsync(context, refusal.StatusCode, refusal.Message);
        }
        catch (TimeoutException timeout)
        {
            await ApiAnswer.WriteErrorAsync(context, 500, timeout.Message);
        }

        return true;
    }

    private Func<HttpContext, Task>? Route(HttpContext context)
    {
        HttpRequest request = context.Request;
        string path = request.Path.Value ?? string.Empty;
        if (request.Path.StartsWithSegments("/v1/prompt-2025", StringComparison.Ordinal) || request.Path.StartsWithSegments("/v2/prompt-2025", StringComparison.Ordinal))
        {
            return RefusePromptsAsync;
        }

        if (HttpMethods.IsPost(request.Method))
        {
            return path switch
            {
                "/v1/request/query-clickhouse" or "/v1/request/query" => Query((body, cancel) => requests.QueryAsync(body, bodyUrls.For(request), cancel)),
                "/v1/request/count/query" => Query(requests.CountAsync),
                "/v1/request/query-ids" => Query((body, cancel) => requests.QueryIdsAsync(body, bodyUrls.For(request), cancel)),
                "/v1/session/query" => Query(sessions.QueryAsync),
                "/v1/session/count" => Query(sessions.CountAsync),
                "/v1/session/metrics/query" => Query(sessions.MetricsAsync),
                "/v1/session/name/query" => Query(sessions.NamesAsync),
                "/v1/user/query" => Query(users.QueryAsync),
                "/v1/user/metrics/query" => Query(users.MetricsAsync),
                "/v1/user/metrics-overview/query" => Query(users.OverviewAsync),
                "/custom/v1/log" or "/oai/v1/log" or "/anthropic/v1/log" or "/googleapis/v1/log" or "/v1/trace/custom/v1/log" or "/v1/trace/custom/log" => manual.HandleAsync,
                _ => OfRequest(path, "/feedback") is { } rated ? Change(200, body => changes.SetFeedbackAsync(rated, body))
                    : OfRequest(path, "/score") is { } scored ? Change(201, body => changes.AddScoresAsync(scored, body))
                    : OfSession(context, "/feedback") is { } judged ? Change(200, body => sessionChanges.SetFeedbackAsync(judged, body))
                    : OfSession(context, "/tag") is { } tagged ? Change(200, body => sessionChanges.SetTagAsync(tagged, body))
                    : null,
            };
        }

        if (HttpMethods.IsPut(request.Method))
        {
            return OfRequest(path, "/property") is { } id ? Change(200, body => changes.SetPropertyAsync(id, body)) : null;
        }

        if (!HttpMethods.IsGet(request.Method))
        {
            return null;
        }

        return OfRequest(path, string.Empty) is { } wanted ? _ => GetAsync(context, wanted)
            : OfSession(context, "/tag") is { } asked ? _ => GetTagAsync(context, asked)
            : null;
    }

    private static string? OfRequest(string path, string rest) => Between(RequestPrefix, path, rest);

    /// <summary>The id of a session is anybody's text: what is escaped in it is read only when it has been found.</summary>
    private static string? OfSession(HttpContext context, string rest) =>
        context.Request.Path.StartsWithSegments("/v1/session", StringComparison.Ordinal) && Between(SessionPrefix, RawPath.Of(context), rest) is { } id ? Uri.UnescapeDataString(id) : null;

    private static string? Between(string prefix, string path, string rest)
    {
        if (!path.StartsWith(prefix, StringComparison.Ordinal) || !path.EndsWith(rest, StringComparison.Ordinal) || path.Length <= prefix.Length + rest.Length)
        {
            return null;
        }

        string id = path[prefix.Length..^rest.Length];
        return id.Contains('/', StringComparison.Ordinal) ? null : id;
    }

    private static Func<HttpContext, Task> Query(Func<JsonElement, CancellationToken, Task<PooledBuffer>> query) => async context =>
    {
        using JsonDocument body = await ReadAsync(context);
        using PooledBuffer answer = await query(body.RootElement, context.RequestAborted);
        await ApiAnswer.WriteAsync(context, 200, answer);
    };

    private static Func<HttpContext, Task> Change(int statusCode, Func<JsonElement, Task> change) => async context =>
    {
        using JsonDocument body = await ReadAsync(context);
        await change(body.RootElement);
        using PooledBuffer answer = ApiAnswer.Nothing();
        await ApiAnswer.WriteAsync(context, statusCode, answer);
    };

    private async Task GetAsync(HttpContext context, string requestId)
    {
        bool includesBody = context.Request.Query["includeBody"].ToString().Equals("true", StringComparison.OrdinalIgnoreCase);
        using PooledBuffer answer = await requests.GetAsync(requestId, includesBody, bodyUrls.For(context.Request), context.RequestAborted);
        await ApiAnswer.WriteAsync(context, 200, answer);
    }

    /// <summary>Answers a signed URL: its signature takes the place of the key.</summary>
    private async Task GetBodiesAsync(HttpContext context, string requestId)
    {
        using PooledBuffer answer = await requests.GetBodiesAsync(bodyUrls.Check(context.Request, requestId), context.RequestAborted);
        context.Response.Headers.CacheControl = "no-store";
        await ApiAnswer.WriteAsync(context, 200, answer);
    }

    private async Task GetTagAsync(HttpContext context, string sessionId)
    {
        using PooledBuffer answer = await sessionChanges.GetTagAsync(sessionId, context.RequestAborted);
        await ApiAnswer.WriteAsync(context, 200, answer);
    }

    /// <summary>HeliconePromptManager shows only the reason phrase of an error, so the phrase names what is missing.</summary>
    private static Task RefusePromptsAsync(HttpContext context)
    {
        context.Features.GetRequiredFeature<IHttpResponseFeature>().ReasonPhrase = "Not Found: the local gateway has no prompt templates";
        return ApiAnswer.WriteErrorAsync(
            context,
            404,
            $"{context.Request.Method} {context.Request.Path} doesn't exist on the local gateway, which has no prompt templates. Use Helicone's cloud for prompts, or send the messages themselves.");
    }

    private static async Task<JsonDocument> ReadAsync(HttpContext context)
    {
        using PooledBuffer buffer = await RequestReader.ReadWholeAsync(context.Request, context.RequestAborted);
        if (buffer.Length > LargestQuery)
        {
            throw new QueryRefusedException("A query can't be larger than 4 MB.", 413);
        }

        try
        {
            // A copy: the document may outlive the buffer that goes back to its pool here.
            JsonDocument document = JsonDocument.Parse(buffer.WrittenMemory.ToArray(), s_json);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document;
            }

            document.Dispose();
        }
        catch (JsonException)
        {
            // Told below.
        }

        throw new QueryRefusedException("The body isn't a JSON object.", 400);
    }
}
