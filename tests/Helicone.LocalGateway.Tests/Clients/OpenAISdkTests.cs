using System;
using System.ClientModel;
using System.ClientModel.Primitives;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using Helicone.LocalGateway.Tests.Hosting;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Models;

namespace Helicone.LocalGateway.Tests.Clients;

/// <summary>A client that nobody wrote for this gateway gets on with it.</summary>
public sealed class OpenAISdkTests
{
    [Fact]
    public async Task Chat_IsAnswered()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();

        ChatCompletion completion = await Chat(gateway, "gpt-4o/openai,gpt-4o-mini/offline").CompleteChatAsync("Why is the sky blue?");

        Assert.StartsWith("[offline] gpt-4o-mini heard: \"Why is the sky blue?\"", completion.Content[0].Text, StringComparison.Ordinal);
        Assert.Equal(ChatFinishReason.Stop, completion.FinishReason);
        Assert.Equal(completion.Usage.InputTokenCount + completion.Usage.OutputTokenCount, completion.Usage.TotalTokenCount);
    }

    [Fact]
    public async Task Stream_IsRead()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        StringBuilder text = new();
        ChatFinishReason? finishReason = null;
        ChatTokenUsage? usage = null;

        await foreach (StreamingChatCompletionUpdate update in Chat(gateway, "gpt-4o").CompleteChatStreamingAsync("Why is the sky blue?"))
        {
            text.AppendJoin(string.Empty, update.ContentUpdate.Select(c => c.Text));
            finishReason ??= update.FinishReason;
            usage ??= update.Usage;
        }

        Assert.StartsWith("[offline] gpt-4o heard:", text.ToString(), StringComparison.Ordinal);
        Assert.Equal(ChatFinishReason.Stop, finishReason);
        Assert.True(usage?.OutputTokenCount > 10);
    }

    [Fact]
    public async Task Stream_OfAnUpstream_IsRead()
    {
        await using FakeUpstream upstream = await FakeUpstream.StreamingAsync(
            ": ping\n\n",
            "data: {\"id\":\"1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"He\"}}]}\r\n\r\nda",
            "ta: {\"id\":\"1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"llo\"},\"finish_reason\":\"stop\"}]}\n\n");
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", upstream.BaseUrl)));
        StringBuilder text = new();

        await foreach (StreamingChatCompletionUpdate update in Chat(gateway, "m/one").CompleteChatStreamingAsync("Hi"))
        {
            text.AppendJoin(string.Empty, update.ContentUpdate.Select(c => c.Text));
        }

        Assert.Equal("Hello", text.ToString());
    }

    [Fact]
    public async Task Tool_IsCalled()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        ChatCompletionOptions options = new()
        {
            Tools = { ChatTool.CreateFunctionTool("get_weather", "The weather.", BinaryData.FromString("""{"type":"object","properties":{"city":{"type":"string"}}}""")) },
            ToolChoice = ChatToolChoice.CreateRequiredChoice(),
        };

        ChatCompletion completion = await Chat(gateway, "gpt-4o").CompleteChatAsync([new UserChatMessage("Weather?")], options);

        ChatToolCall call = Assert.Single(completion.ToolCalls);
        Assert.Equal(ChatFinishReason.ToolCalls, completion.FinishReason);
        Assert.Equal(("get_weather", """{"city":"[offline]"}"""), (call.FunctionName, call.FunctionArguments.ToString()));
    }

    [Fact]
    public async Task CachedCall_IsServedFromTheCache()
    {
        await using FakeUpstream upstream = await FakeUpstream.CountingAsync();
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", upstream.BaseUrl)));
        ChatClient chat = Chat(gateway, "m/one", ("Helicone-Cache-Enabled", "true"));

        ClientResult<ChatCompletion> first = await chat.CompleteChatAsync("Hi");
        ClientResult<ChatCompletion> second = await chat.CompleteChatAsync("Hi");

        Assert.Equal(("1", "1"), (first.Value.Content[0].Text, second.Value.Content[0].Text));
        Assert.Equal(("MISS", "HIT"), (Header(first, "Helicone-Cache"), Header(second, "Helicone-Cache")));
        Assert.Single(upstream.Received);
    }

    [Fact]
    public async Task CachedStream_IsServedFromTheCache()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        ChatClient chat = Chat(gateway, "gpt-4o", ("Helicone-Cache-Enabled", "true"));
        string[] texts = ["", ""];
        for (int i = 0; i < 2; i++)
        {
            await foreach (StreamingChatCompletionUpdate update in chat.CompleteChatStreamingAsync("Hi"))
            {
                texts[i] += string.Concat(update.ContentUpdate.Select(c => c.Text));
            }
        }

        Assert.StartsWith("[offline]", texts[0], StringComparison.Ordinal);
        Assert.Equal(texts[0], texts[1]);
        Assert.NotNull(LoggedCalls.Of(gateway)[1].CacheReference);
    }

    [Fact]
    public async Task RateLimitedCall_IsItsClientsError()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        ChatClient chat = Chat(gateway, "gpt-4o", ("Helicone-RateLimit-Policy", "1;w=60"));
        ClientResult<ChatCompletion> first = await chat.CompleteChatAsync("Hi");

        ClientResultException error = await Assert.ThrowsAsync<ClientResultException>(() => chat.CompleteChatAsync("Hi"));

        Assert.Equal("0", Header(first, "Helicone-RateLimit-Remaining"));
        Assert.Equal(429, error.Status);
    }

    [Fact]
    public async Task Models_AreListed()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();

        OpenAIModelCollection models = await Client(gateway, gateway.Key).GetOpenAIModelClient().GetModelsAsync();

        Assert.True(models.Count >= 60);
        Assert.Contains(models, m => m.Id == "gpt-4o-mini" && m.OwnedBy == "openai");
    }

    [Fact]
    public async Task WrongKey_IsItsClientsError()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        ChatClient chat = Client(gateway, "sk-helicone-aaaaaaa-bbbbbbb-ccccccc-ddddddd").GetChatClient("gpt-4o");

        ClientResultException error = await Assert.ThrowsAsync<ClientResultException>(() => chat.CompleteChatAsync("Hi"));

        Assert.Equal(401, error.Status);
    }

    private static ChatClient Chat(TestGateway gateway, string model) => Client(gateway, gateway.Key).GetChatClient(model);

    private static ChatClient Chat(TestGateway gateway, string model, (string Name, string Value) header) =>
        Client(gateway, gateway.Key, header).GetChatClient(model);

    private static OpenAIClient Client(TestGateway gateway, string key, (string Name, string Value)? header = null)
    {
        OpenAIClientOptions options = new() { Endpoint = new Uri(gateway.Uri, "v1"), RetryPolicy = new ClientRetryPolicy(maxRetries: 0) };
        if (header is { } extra)
        {
            options.AddPolicy(new HeaderPolicy(extra.Name, extra.Value), PipelinePosition.PerCall);
        }

        return new OpenAIClient(new ApiKeyCredential(key), options);
    }

    private static string? Header(ClientResult result, string name) => result.GetRawResponse().Headers.TryGetValue(name, out string? value) ? value : null;

    private sealed class HeaderPolicy(string name, string value) : PipelinePolicy
    {
        public override void Process(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
        {
            message.Request.Headers.Set(name, value);
            ProcessNext(message, pipeline, currentIndex);
        }

        public override ValueTask ProcessAsync(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
        {
            message.Request.Headers.Set(name, value);
            return ProcessNextAsync(message, pipeline, currentIndex);
        }
    }
}
