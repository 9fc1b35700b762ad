using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Helicone.LocalGateway.Tests.Hosting;

/// <summary>A provider on loopback that behaves as its test specifies, and records requests.</summary>
internal sealed class FakeUpstream : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<ReceivedRequest> _received = new();

    private FakeUpstream(WebApplication app) => _app = app;

    /// <summary>What a provider's <c>baseUrl</c> is.</summary>
    public string BaseUrl => _app.Urls.Single() + "/v1";

    public Uri Uri => new(_app.Urls.Single());

    public IReadOnlyList<ReceivedRequest> Received => [.. _received];

    /// <summary>Starts one that does this with every request, after reading it.</summary>
    public static async Task<FakeUpstream> StartAsync(RequestDelegate handle)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k =>
        {
            k.Listen(IPAddress.Loopback, 0);
            k.Limits.MaxRequestBodySize = null;
        });
        builder.Services.AddSingleton<IHostLifetime, QuietLifetime>();
        WebApplication app = builder.Build();
        FakeUpstream upstream = new(app);
        app.Run(async context =>
        {
            using StreamReader reader = new(context.Request.Body);
            string body = await reader.ReadToEndAsync();
            upstream._received.Enqueue(new ReceivedRequest(
                context.Request.Path,
                context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase),
                body));
            await handle(context);
        });
        await app.StartAsync();
        return upstream;
    }

    /// <summary>Starts one that answers every call with this text.</summary>
    public static Task<FakeUpstream> AnsweringAsync(string text) => StartAsync(context => WriteJsonAsync(
        context,
        200,
        $$$"""{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"upstream-model","choices":[{"index":0,"message":{"role":"assistant","content":"{{{text}}}"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2} }"""));

    /// <summary>Starts one that numbers its answers, so that no two are the same: "1", "2", …</summary>
    public static Task<FakeUpstream> CountingAsync()
    {
        int calls = 0;
        return StartAsync(context =>
        {
            int call = System.Threading.Interlocked.Increment(ref calls);
            return WriteJsonAsync(
                context,
                200,
                $$$"""{"id":"chatcmpl-{{{call}}}","object":"chat.completion","created":1,"model":"gpt-4o","choices":[{"index":0,"message":{"role":"assistant","content":"{{{call}}}"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1000,"completion_tokens":1000,"total_tokens":2000}}""");
        });
    }

    /// <summary>Starts one that refuses every call.</summary>
    public static Task<FakeUpstream> RefusingAsync(int status, string message) =>
        StartAsync(context => WriteJsonAsync(context, status, $$$"""{"error":{"message":"{{{message}}}","type":"x"}}"""));

    /// <summary>Starts one that streams these bytes, chunk by chunk, and ends.</summary>
    public static Task<FakeUpstream> StreamingAsync(params string[] chunks) => StartAsync(async context =>
    {
        context.Response.ContentType = "text/event-stream";
        foreach (string chunk in chunks)
        {
            await context.Response.WriteAsync(chunk);
            await context.Response.Body.FlushAsync();
        }
    });

    public static async Task WriteJsonAsync(HttpContext context, int status, string json)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(json);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private sealed class QuietLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(System.Threading.CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(System.Threading.CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
