using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Helicone.Core.Tests.Servers;

/// <summary>A real HTTP server on loopback that answers as a test specifies and records requests.</summary>
public sealed class ScriptedServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ScriptedServer(WebApplication app) => _app = app;

    public Uri Uri { get; private set; } = null!;

    public ConcurrentQueue<ReceivedRequest> Requests { get; } = new();

    /// <summary>Requests for chats only: the registry is read in parallel.</summary>
    public IReadOnlyList<ReceivedRequest> Chats => Requests.Where(r => r.Path == "/v1/chat/completions").ToArray();

    public static Task<ScriptedServer> StartAsync(RequestDelegate chat) => StartAsync(chat, null);

    public static async Task<ScriptedServer> StartAsync(RequestDelegate chat, RequestDelegate? other, X509Certificate2? certificate = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (certificate is not null)
            {
                listen.UseHttps(certificate);
            }
        }));
        WebApplication app = builder.Build();
        ScriptedServer server = new(app);
        app.Run(async context =>
        {
            using MemoryStream body = new();
            await context.Request.Body.CopyToAsync(body);
            Dictionary<string, string> headers = context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);
            server.Requests.Enqueue(new ReceivedRequest(context.Request.Method, context.Request.Path, headers, Encoding.UTF8.GetString(body.ToArray()), context.Connection.Id));
            context.Items["body"] = Encoding.UTF8.GetString(body.ToArray());
            if (context.Request.Path == "/v1/chat/completions")
            {
                using JsonDocument request = JsonDocument.Parse(body.ToArray());
                if (request.RootElement.TryGetProperty("messages", out JsonElement messages) && messages.GetArrayLength() > 0)
                {
                    context.Items["prompt"] = messages[messages.GetArrayLength() - 1].GetProperty("content").ToString();
                }

                await chat(context);
            }
            else if (other is not null)
            {
                await other(context);
            }
            else
            {
                context.Response.StatusCode = 404;
            }
        });
        await app.StartAsync();
        server.Uri = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        return server;
    }

    public static RequestDelegate Json(string json, int status = 200, params (string Name, string Value)[] headers) => async context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        foreach ((string name, string value) in headers)
        {
            context.Response.Headers[name] = value;
        }

        await context.Response.WriteAsync(json);
    };

    /// <summary>Answers the first request with the first, the second with the second, and from there on with the last.</summary>
    public static RequestDelegate Sequence(params RequestDelegate[] answers)
    {
        int count = 0;
        return context => answers[Math.Min(Interlocked.Increment(ref count), answers.Length) - 1](context);
    }

    /// <summary>Any body under any content type, the way the gateway and its neighbours answer.</summary>
    public static RequestDelegate Text(int status, string body, string? contentType = "text/plain; charset=UTF-8", params (string Name, string Value)[] headers) =>
        Bytes(status, Encoding.UTF8.GetBytes(body), contentType, headers);

    public static RequestDelegate Bytes(int status, byte[] body, string? contentType, params (string Name, string Value)[] headers) => async context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        context.Response.ContentLength = body.Length;
        foreach ((string name, string value) in headers)
        {
            context.Response.Headers[name] = value;
        }

        await context.Response.Body.WriteAsync(body);
    };

    /// <summary>Sends nothing until the client disconnects; completes the signal when it did.</summary>
    public static RequestDelegate Silence(TaskCompletionSource left, Func<HttpContext, Task>? before = null) => async context =>
    {
        if (before is not null)
        {
            await before(context);
        }

        TaskCompletionSource aborted = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using (context.RequestAborted.Register(aborted.SetResult))
        {
            await aborted.Task;
        }

        left.TrySetResult();
    };

    public static RequestDelegate Events(params string[] events) => async context =>
    {
        context.Response.ContentType = "text/event-stream; charset=utf-8";
        context.Response.Headers["Helicone-Id"] = "11111111-1111-4111-8111-111111111111";
        foreach (string text in events)
        {
            await context.Response.WriteAsync(text);
            await context.Response.Body.FlushAsync();
        }
    };

    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource hurry = new();
        await hurry.CancelAsync();
        await _app.StopAsync(hurry.Token);
        await _app.DisposeAsync();
    }
}

public sealed record ReceivedRequest(string Method, string Path, IReadOnlyDictionary<string, string> Headers, string Body, string ConnectionId);
