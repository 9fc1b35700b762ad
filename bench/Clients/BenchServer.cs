using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Helicone.Bench.Clients;

/// <summary>The other side, in a process of its own: answers at once, streams 10,000 chunks, or takes the milliseconds that its first argument says.</summary>
internal static class BenchServer
{
    public const int Chunks = 10_000;

    private static readonly byte[] s_answer = Encoding.UTF8.GetBytes(
        """{"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"gpt-4o-mini","choices":[{"index":0,"message":{"role":"assistant","content":"The sky is blue because air scatters short waves more than long ones."},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":12,"completion_tokens":14,"total_tokens":26,"prompt_tokens_details":{"cached_tokens":0},"completion_tokens_details":{"reasoning_tokens":0}},"system_fingerprint":"fp_1"}""");

    private static readonly byte[] s_stream = Stream();

    public static async Task RunAsync(int latencyMilliseconds)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using WebApplication app = builder.Build();
        app.MapPost("/v1/chat/completions", async (HttpContext context) =>
        {
            using JsonDocument request = await JsonDocument.ParseAsync(context.Request.Body);
            bool stream = request.RootElement.TryGetProperty("stream", out JsonElement wanted) && wanted.GetBoolean();
            if (latencyMilliseconds > 0)
            {
                await Task.Delay(latencyMilliseconds);
            }

            byte[] body = stream ? s_stream : s_answer;
            context.Response.ContentType = stream ? "text/event-stream" : "application/json";
            if (!stream)
            {
                context.Response.ContentLength = body.Length;
            }

            await context.Response.Body.WriteAsync(body);
        });
        await app.StartAsync();
        Console.WriteLine(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

        // The parent closes our input when it is done, or when it dies.
        await Console.In.ReadToEndAsync();
        await app.StopAsync();
    }

    private static byte[] Stream()
    {
        StringBuilder text = new();
        Add("""{"role":"assistant","content":""}""", "null");
        for (int i = 0; i < Chunks; i++)
        {
            Add(string.Create(CultureInfo.InvariantCulture, $$"""{"content":" word{{i % 100}}"}"""), "null");
        }

        Add("{}", "\"stop\"");
        text.Append("data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,\"model\":\"gpt-4o-mini\",\"choices\":[],\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":10000,\"total_tokens\":10012}}\n\n");
        text.Append("data: [DONE]\n\n");
        return Encoding.UTF8.GetBytes(text.ToString());

        void Add(string delta, string finish) => text
            .Append("data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,\"model\":\"gpt-4o-mini\",\"system_fingerprint\":\"fp_1\",\"choices\":[{\"index\":0,\"delta\":")
            .Append(delta).Append(",\"logprobs\":null,\"finish_reason\":").Append(finish).Append("}]}\n\n");
    }
}
