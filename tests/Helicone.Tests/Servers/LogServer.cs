using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Helicone.Tests.Servers;

/// <summary>Helicone's REST API on loopback, over rows that a test makes up. It keeps all that it was asked.</summary>
internal sealed class LogServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<LogExchange> _exchanges = new();

    private LogServer(WebApplication app) => _app = app;

    public Uri Uri { get; private set; } = null!;

    public IReadOnlyList<LogExchange> Exchanges => [.. _exchanges];

    /// <summary>The queries, in their order.</summary>
    public IReadOnlyList<JsonObject> Queries => Exchanges.Where(exchange => exchange.Path.Contains("query", StringComparison.Ordinal)).Select(exchange => JsonNode.Parse(exchange.Body)!.AsObject()).ToArray();

    /// <summary>A log with this number of calls, a second apart, newest first.</summary>
    public static Task<LogServer> OfAsync(int calls) => StartAsync((context, exchange) => CallsAsync(calls, context, exchange));

    /// <summary>Answers as a log of so many calls.</summary>
    public static Task CallsAsync(int calls, HttpContext context, LogExchange exchange)
    {
        if (exchange.Method == "GET")
        {
            int number = int.Parse(exchange.Path[^12..], CultureInfo.InvariantCulture);
            return number < calls ? SayAsync(context, Call(number)) : FailAsync(context, 404, $"There is no request '{Id(number)}' in the log.");
        }

        if (!exchange.Path.EndsWith("/query-clickhouse", StringComparison.Ordinal))
        {
            return SayAsync(context, null);
        }

        JsonObject query = JsonNode.Parse(exchange.Body)!.AsObject();
        return SayAsync(context, new JsonArray(Enumerable.Range(0, calls).Skip(query["offset"]!.GetValue<int>()).Take(query["limit"]!.GetValue<int>()).Select(i => (JsonNode)Call(i)).ToArray()));
    }

    public static async Task<LogServer> StartAsync(Func<HttpContext, LogExchange, Task> answer)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        LogServer server = new(app);
        app.Run(async context =>
        {
            using StreamReader reader = new(context.Request.Body, Encoding.UTF8);
            LogExchange exchange = new(context.Request.Method, context.Request.Path.Value!, await reader.ReadToEndAsync(), context.Request.Headers.Authorization);
            server._exchanges.Enqueue(exchange);
            await answer(context, exchange);
        });
        await app.StartAsync();
        server.Uri = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        return server;
    }

    /// <summary>A server that gives the same answer to every request.</summary>
    public static Task<LogServer> SayAsync(string body, int status = 200) => StartAsync((context, _) =>
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(body);
    });

    public static Task SayAsync(HttpContext context, JsonNode? data) => context.Response.WriteAsync(new JsonObject { ["data"] = data, ["error"] = null }.ToJsonString());

    public static Task FailAsync(HttpContext context, int status, string error)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(new JsonObject { ["data"] = null, ["error"] = error }.ToJsonString());
    }

    public static string Id(int number) => string.Create(CultureInfo.InvariantCulture, $"00000000-0000-4000-8000-{number:d12}");

    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource hurry = new();
        await hurry.CancelAsync();
        await _app.StopAsync(hurry.Token);
        await _app.DisposeAsync();
    }

    private static JsonObject Call(int number) => new()
    {
        ["request_id"] = Id(number),
        ["request_created_at"] = new DateTime(2026, 1, 31, 8, 0, 0, DateTimeKind.Utc).AddSeconds(-number).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
        ["response_status"] = number % 10 == 9 ? 429 : 200,
        ["model"] = number % 2 == 0 ? "gpt-4o" : "gpt-4o-mini",
        ["provider"] = "openai",
        ["request_user_id"] = "u-7",
        ["delay_ms"] = 1250,
        ["prompt_tokens"] = "1000",
        ["completion_tokens"] = 200,
        ["total_tokens"] = 1200,
        ["costUSD"] = 0.0045,
        ["cache_enabled"] = true,
        ["properties"] = new JsonObject { ["Environment"] = "prod", ["Helicone-Session-Id"] = "s-1", ["Helicone-Session-Name"] = "Nightly", ["Helicone-Session-Path"] = "/sum" },
        ["request_body"] = new JsonObject { ["model"] = "gpt-4o" },
        ["response_body"] = new JsonObject { ["id"] = "chatcmpl-1" },
    };
}
