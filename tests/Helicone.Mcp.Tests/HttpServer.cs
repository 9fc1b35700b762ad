using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Helicone.Mcp.Tests;

/// <summary>A server over HTTP that answers as a test says, and as an honest server does where the test says nothing.</summary>
internal sealed class HttpServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Seen> _requests = new();

    private HttpServer(WebApplication app) => _app = app;

    public Uri Address { get; private set; } = null!;

    /// <summary>The requests that arrived.</summary>
    public IReadOnlyList<Seen> Requests => [.. _requests];

    /// <summary>Completed when the server ends: for a response that never comes.</summary>
    public CancellationTokenSource End { get; } = new();

    /// <param name="answer">Answers a request and returns <see langword="true"/>, or leaves it to the honest server.</param>
    public static async Task<HttpServer> StartAsync(Func<HttpServer, HttpContext, string?, JsonObject?, Task<bool>> answer)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        WebApplication app = builder.Build();
        HttpServer server = new(app);
        app.Run(async context =>
        {
            string body = await new StreamReader(context.Request.Body).ReadToEndAsync();
            JsonObject? message = body.Length == 0 ? null : JsonNode.Parse(body) as JsonObject;
            string? method = message?["method"]?.GetValue<string>();
            server._requests.Enqueue(new Seen(context.Request.Method, context.Request.Path, context.Request.Headers.Authorization.ToString(), method));
            try
            {
                if (!await answer(server, context, method, message))
                {
                    await server.AnswerAsync(context, method, message);
                }
            }
            catch (OperationCanceledException)
            {
                // The client has left, or the test has ended.
            }
        });
        await app.StartAsync();
        server.Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First() + "/mcp");
        return server;
    }

    public McpServerOptions Options(string? token = null) => new()
    {
        Name = "web",
        Uri = Address,
        Token = token is null ? null : Secure(token),
        ConnectTimeout = TimeSpan.FromSeconds(60),
        RequestTimeout = TimeSpan.FromSeconds(60),
    };

    public Task<McpServer> ConnectAsync(string? token = null) => McpServer.ConnectAsync(Options(token));

    public async ValueTask DisposeAsync()
    {
        await End.CancelAsync();
        using CancellationTokenSource hurry = new();
        await hurry.CancelAsync();
        await _app.StopAsync(hurry.Token);
        await _app.DisposeAsync();
        End.Dispose();
    }

    public static System.Security.SecureString Secure(string text)
    {
        System.Security.SecureString secure = new();
        foreach (char c in text)
        {
            secure.AppendChar(c);
        }

        return secure;
    }

    public static JsonObject Tool(string name, string description = "Works.") => new() { ["name"] = name, ["description"] = description, ["inputSchema"] = new JsonObject { ["type"] = "object" } };

    public static JsonObject Reply(JsonObject message, JsonObject result) => new() { ["jsonrpc"] = "2.0", ["id"] = message["id"]!.DeepClone(), ["result"] = result };

    public static JsonObject Text(string text) => new() { ["content"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = text }) };

    public static async Task<bool> SendAsync(HttpContext context, JsonObject message)
    {
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(message.ToJsonString(new System.Text.Json.JsonSerializerOptions { MaxDepth = 1_000 }));
        return true;
    }

    public static async Task EventAsync(HttpContext context, string data, string name = "message")
    {
        if (!context.Response.HasStarted)
        {
            context.Response.ContentType = "text/event-stream";
        }

        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes($"event: {name}\ndata: {data}\n\n"), context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    /// <summary>Never answers.</summary>
    public async Task<bool> HangAsync(HttpContext context)
    {
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, End.Token);
        await Task.Delay(Timeout.Infinite, either.Token);
        return true;
    }

    /// <summary>The answer of an honest server.</summary>
    public static JsonObject? Honest(string? method, JsonObject message) => method switch
    {
        "server/discover" => new JsonObject { ["jsonrpc"] = "2.0", ["id"] = message["id"]!.DeepClone(), ["error"] = new JsonObject { ["code"] = -32601, ["message"] = "Method not found" } },
        "initialize" => Reply(message, new JsonObject
        {
            ["protocolVersion"] = "2025-06-18",
            ["capabilities"] = new JsonObject { ["tools"] = new JsonObject { ["listChanged"] = true } },
            ["serverInfo"] = new JsonObject { ["name"] = "web", ["version"] = "1" },
        }),
        "tools/list" => Reply(message, new JsonObject { ["tools"] = new JsonArray(Tool("work")) }),
        "tools/call" => Reply(message, Text("worked")),
        _ => message["id"] is null ? null : Reply(message, []),
    };

    private async Task AnswerAsync(HttpContext context, string? method, JsonObject? message)
    {
        if (context.Request.Method != "POST" || message is null)
        {
            context.Response.StatusCode = 405;
            return;
        }

        if (Honest(method, message) is { } answer)
        {
            await SendAsync(context, answer);
        }
        else
        {
            context.Response.StatusCode = 202;
        }
    }

    internal sealed record Seen(string Verb, string Path, string Authorization, string? Method);
}
