using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Helicone.Tests.Servers;

/// <summary>A gateway on loopback that answers chats as a test specifies, has three models, and records requests.</summary>
internal sealed class ChatServer : IAsyncDisposable
{
    private const string Registry =
        """
        {"data":{"models":[
          {"id":"gpt-4o-mini","name":"GPT-4o mini","author":"openai","contextLength":128000,"inputModalities":["text"],"outputModalities":["text"],"supportedParameters":["tools"],
           "endpoints":[{"provider":"OpenAI","providerSlug":"openai","pricing":{"prompt":0.15,"completion":0.6}},{"provider":"Azure","providerSlug":"azure","pricing":{"prompt":0.2,"completion":0.8}}]},
          {"id":"gpt-4o","name":"GPT-4o","author":"openai","contextLength":128000,"inputModalities":["text","image"],"outputModalities":["text"],"supportedParameters":["tools"],
           "endpoints":[{"provider":"OpenAI","providerSlug":"openai","pricing":{"prompt":2.5,"completion":10}}]},
          {"id":"claude-4.5-sonnet","name":"Claude Sonnet 4.5","author":"anthropic","contextLength":200000,"inputModalities":["text","image"],"outputModalities":["text"],"supportedParameters":["tools"],
           "endpoints":[{"provider":"Anthropic","providerSlug":"anthropic","pricing":{"prompt":3,"completion":15}}]}],
         "total":3,"filters":{"providers":[],"authors":[],"capabilities":[]}},"error":null}
        """;

    private readonly WebApplication _app;
    private readonly ConcurrentQueue<ChatExchange> _chats = new();

    private ChatServer(WebApplication app) => _app = app;

    public Uri Uri { get; private set; } = null!;

    /// <summary>The chats that were asked, in the order in which they arrived.</summary>
    public IReadOnlyList<ChatExchange> Chats => [.. _chats];

    /// <summary>The models that the registry lists, as JSON. Its own three unless a test has others.</summary>
    public string? Models { get; set; }

    /// <summary>How often the registry was asked for.</summary>
    public int RegistryRequests { get; private set; }

    /// <summary>When set, the registry does not answer before it is completed.</summary>
    public Task RegistryHeld { get; set; } = Task.CompletedTask;

    public static Task<ChatServer> StartAsync(Func<ChatExchange, Task> answer, int port = 0) => StartAsync(answer, certificate: null, port);

    /// <summary>A server that speaks TLS with this certificate.</summary>
    public static async Task<ChatServer> StartAsync(Func<ChatExchange, Task> answer, X509Certificate2? certificate, int port = 0)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen =>
        {
            if (certificate is not null)
            {
                listen.UseHttps(certificate);
            }
        }));
        WebApplication app = builder.Build();
        ChatServer server = new(app);
        app.Run(context => server.ServeAsync(context, answer));
        await app.StartAsync();
        server.Uri = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        return server;
    }

    /// <summary>A server that gives the same answer to every client.</summary>
    public static Task<ChatServer> SayAsync(string text) => StartAsync(exchange => exchange.SayAsync(text));

    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource hurry = new();
        await hurry.CancelAsync();
        await _app.StopAsync(hurry.Token);
        await _app.DisposeAsync();
    }

    private async Task ServeAsync(HttpContext context, Func<ChatExchange, Task> answer)
    {
        switch (context.Request.Path)
        {
            case "/v1/chat/completions":
                using (StreamReader reader = new(context.Request.Body, Encoding.UTF8))
                {
                    ChatExchange exchange = new(context, await reader.ReadToEndAsync());
                    _chats.Enqueue(exchange);
                    await answer(exchange);
                }

                break;
            case "/v1/public/model-registry/models":
                RegistryRequests++;
                await RegistryHeld.WaitAsync(context.RequestAborted);
                context.Response.ContentType = "application/json";
                await context.Response.WriteAsync(Models is null ? Registry : """{"data":{"models":""" + Models + ""","total":1,"filters":{"providers":[],"authors":[],"capabilities":[]}},"error":null}""");
                break;
            case "/v1/models":
                context.Response.ContentType = "application/json";
                await context.Response.WriteAsync("""{"object":"list","data":[]}""");
                break;
            default:
                context.Response.StatusCode = 404;
                break;
        }
    }
}
