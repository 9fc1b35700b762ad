using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Http;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Helicone.LocalGateway.Tests.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Helicone.LocalGateway.Tests.Providers;

public sealed class OllamaTests
{
    [Fact]
    public async Task Ollama_ComesAndGoes_AndItsModelsWithIt()
    {
        bool running = true;
        await using FakeUpstream ollama = await FakeUpstream.StartAsync(context => context.Request.Path == "/api/tags"
            ? FakeUpstream.WriteJsonAsync(context, running ? 200 : 500, """{"models":[{"name":"llama3.2:latest"},{"name":"qwen3:4b"},{"name":"hf.co/x/y:Q4"},{"other":1}]}""")
            : FakeUpstream.WriteJsonAsync(context, 200, """{"choices":[{"message":{"content":"Local."}}]}"""));
        FakeTimeProvider time = new();
        await using TestGateway gateway = await TestGateway.StartAsync(change: o => o with { OllamaUri = ollama.Uri, TimeProvider = time });

        await WaitUntilAsync(async () => (await ModelsAsync(gateway)).Contains("qwen3:4b"));
        Assert.Contains("llama3.2", await ModelsAsync(gateway));
        Assert.DoesNotContain(await ModelsAsync(gateway), m => m.Contains('/', StringComparison.Ordinal));
        using (HttpResponseMessage response = await gateway.ChatAsync("llama3.2"))
        {
            Assert.Equal("ollama", response.Header("helicone-provider"));
            ReceivedRequest call = ollama.Received[^1];
            Assert.Equal(("/v1/chat/completions", "llama3.2:latest"), (call.Path, call.Json.GetProperty("model").GetString()));
        }

        running = false;
        await WaitUntilAsync(async () =>
        {
            time.Advance(TimeSpan.FromSeconds(15));
            return !(await ModelsAsync(gateway)).Contains("qwen3:4b");
        });
    }

    [Fact]
    public async Task Ollama_NamedWhileItIsDown_IsAFailedAttempt()
    {
        Uri closed;
        await using (FakeUpstream gone = await FakeUpstream.AnsweringAsync("Gone."))
        {
            closed = gone.Uri;
        }

        await using TestGateway gateway = await TestGateway.StartAsync(change: o => o with { OllamaUri = closed });

        using HttpResponseMessage response = await gateway.ChatAsync("llama3.2/ollama,gpt-4o/offline");

        Assert.Equal("offline", response.Header("helicone-provider"));
    }

    private static async Task<List<string>> ModelsAsync(TestGateway gateway)
    {
        using JsonDocument models = JsonDocument.Parse(await gateway.Http.GetStringAsync(new Uri("v1/models", UriKind.Relative)));
        return [.. models.RootElement.GetProperty("data").EnumerateArray().Select(m => m.GetProperty("id").GetString()!)];
    }

    // The watch works in the background: a test can only ask again.
    private static async Task WaitUntilAsync(Func<Task<bool>> condition)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromMinutes(1));
        while (!await condition())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
