using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Helicone.Bench.ManyPrompts;

/// <summary>Takes its time, then says the prompt back.</summary>
internal sealed class SlowServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private int _waiting;

    private SlowServer(WebApplication app) => _app = app;

    public Uri Uri => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>How many calls wait for their answer.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    public static async Task<SlowServer> StartAsync(TimeSpan latency)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        SlowServer server = new(app);
        app.MapPost("/v1/chat/completions", async (HttpContext context) =>
        {
            using JsonDocument request = await JsonDocument.ParseAsync(context.Request.Body);
            JsonElement messages = request.RootElement.GetProperty("messages");
            string prompt = messages[messages.GetArrayLength() - 1].GetProperty("content").GetString()!;
            Interlocked.Increment(ref server._waiting);
            try
            {
                await Task.Delay(latency, context.RequestAborted);
            }
            finally
            {
                Interlocked.Decrement(ref server._waiting);
            }

            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(
                $$$"""{"id":"x","model":"gpt-4o-mini","choices":[{"index":0,"message":{"role":"assistant","content":{{{JsonSerializer.Serialize(prompt)}}}},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":5,"total_tokens":10}}""");
        });
        await app.StartAsync();
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
