using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Helicone.Core.Tests.Servers;
using Microsoft.AspNetCore.Http;

namespace Helicone.Core.Tests.Requests;

/// <summary>The REST API over a log that a test makes up: it pages, and gives single rows with their bodies.</summary>
internal sealed class LogServer : IAsyncDisposable
{
    private readonly ScriptedServer _server;

    private LogServer(ScriptedServer server) => _server = server;

    public Uri Uri => _server.Uri;

    /// <summary>The bodies of the queries, in their order.</summary>
    public IReadOnlyList<JsonObject> Queries => _server.Requests.Where(r => r.Path.EndsWith("query-clickhouse", StringComparison.Ordinal) || r.Path.EndsWith("/query", StringComparison.Ordinal)).Select(r => JsonNode.Parse(r.Body)!.AsObject()).ToArray();

    public ConcurrentQueue<ReceivedRequest> Requests => _server.Requests;

    /// <summary>The filter of the first query, as text.</summary>
    public string Filter => Queries[0]["filter"]!.ToJsonString();

    /// <summary>A log of so many rows.</summary>
    public static Task<LogServer> OfAsync(int rows) => OfAsync(offset => Enumerable.Range(0, rows).Select(Id));

    /// <summary>A log that looks different depending on where it is asked to begin.</summary>
    public static Task<LogServer> OfAsync(Func<int, IEnumerable<string>> ids) => AnswerAsync(async (context, query) =>
    {
        int offset = query["offset"]!.GetValue<int>();
        int limit = query["limit"]!.GetValue<int>();
        JsonArray rows = new(ids(offset).Skip(offset).Take(limit).Select(id => (JsonNode)new JsonObject { ["request_id"] = id }).ToArray());
        await context.Response.WriteAsync(new JsonObject { ["data"] = rows, ["error"] = null }.ToJsonString());
    });

    /// <summary>Answers queries as the test specifies.</summary>
    public static async Task<LogServer> AnswerAsync(Func<HttpContext, JsonObject, Task> answer, RequestDelegate? single = null)
    {
        LogServer log = null!;
        ScriptedServer server = await ScriptedServer.StartAsync(
            ScriptedServer.Text(404, ""),
            context =>
            {
                context.Response.ContentType = "application/json";
                return HttpMethods.IsPost(context.Request.Method) && context.Request.Path.Value!.Contains("query", StringComparison.Ordinal)
                    ? answer(context, log.Queries[^1])
                    : (single ?? ScriptedServer.Text(404, ""))(context);
            });
        return log = new LogServer(server);
    }

    /// <summary>Rows as JSON, whatever is asked.</summary>
    public static Task<LogServer> RowsAsync(string rows) => AnswerAsync((context, _) => context.Response.WriteAsync($$"""{"data":[{{rows}}],"error":null}"""));

    public static string Id(int number) => string.Create(CultureInfo.InvariantCulture, $"00000000-0000-4000-8000-{number:d12}");

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
