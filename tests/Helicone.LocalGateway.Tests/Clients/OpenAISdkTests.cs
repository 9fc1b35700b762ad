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

    private static OpenAIClient Client(TestGateway gateway, string key) => new(
        new ApiKeyCredential(key),
        new OpenAIClientOptions { Endpoint = new Uri(gateway.Uri, "v1"), RetryPolicy = new ClientRetryPolicy(maxRetries: 0) });
}
