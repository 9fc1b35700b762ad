using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Threading.Tasks;
using Helicone.Attribution;
using Helicone.Chat;
using Helicone.Errors;
using Helicone.LocalGateway.Tests.Hosting;

namespace Helicone.LocalGateway.Tests.Clients;

/// <summary>The module's own client, from end to end.</summary>
public sealed class HeliconeClientTests
{
    [Fact]
    public async Task CachedCall_IsAMissWithItsPrice_ThenAHitForNothing()
    {
        await using FakeUpstream openai = await FakeUpstream.CountingAsync();
        await using TestGateway gateway = await StartAsync(openai);
        using HeliconeClient client = Client(gateway);
        RequestOptions options = new() { Cache = new CachePolicy { MaxAge = TimeSpan.FromHours(1), Seed = "tests" } };

        ChatCompletion first = await client.Chat.CompleteAsync(Ask(), options, default);
        ChatCompletion second = await client.Chat.CompleteAsync(Ask(), options with { Session = new HeliconeSession(name: "nightly") }, default);

        // The price of an answer is known once the registry has loaded, which no call waits for.
        await client.Models.WaitForPricesAsync();
        Assert.Equal(("1", CacheStatus.Miss, 0.0125m, "openai"), (first.Content, first.CacheStatus, first.Cost, first.Provider));
        Assert.Equal(("1", CacheStatus.Hit, 0m, "openai"), (second.Content, second.CacheStatus, second.Cost, second.Provider));
        Assert.Equal(
            [
                new LoggedCall(first.RequestId!, 200, "openai", 1, 0.0125, true, null),
                new LoggedCall(second.RequestId!, 200, "openai", 0, 0, true, first.RequestId),
            ],
            LoggedCalls.Of(gateway));
    }

    [Fact]
    public async Task CachedStream_IsAStreamAgain()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        using HeliconeClient client = Client(gateway);
        RequestOptions options = new() { Cache = new CachePolicy() };
        List<(CacheStatus Cache, string Text)> seen = [];
        for (int i = 0; i < 2; i++)
        {
            ChatCompletion? completion = null;
            await foreach (ChatChunk chunk in client.Chat.Stream(Ask(), options))
            {
                completion = chunk.Completion ?? completion;
            }

            seen.Add((completion!.CacheStatus, completion.Content));
        }

        Assert.Equal([CacheStatus.Miss, CacheStatus.Hit], [seen[0].Cache, seen[1].Cache]);
        Assert.Equal(seen[0].Text, seen[1].Text);
    }

    [Fact]
    public async Task RateLimit_IsOnTheCompletion_AndThenAnErrorThatSaysWhenToComeBack()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        using HeliconeClient client = Client(gateway);
        RequestOptions options = new() { RateLimit = RateLimitPolicy.Parse("1;w=3600;s=user"), Tags = new RequestTags { UserId = "user-7" }, MaxRetries = 0 };

        ChatCompletion allowed = await client.Chat.CompleteAsync(Ask(), options, default);
        HeliconeException refused = await Assert.ThrowsAsync<HeliconeException>(() => client.Chat.CompleteAsync(Ask(), options, default));

        Assert.Equal((1d, 0d, "1;w=3600;s=user"), (allowed.RateLimit?.Limit, allowed.RateLimit?.Remaining, allowed.RateLimit?.Policy));
        Assert.Equal((HeliconeErrorKind.RateLimited, 429, "rate_limited"), (refused.Kind, refused.StatusCode, refused.Code));
        Assert.InRange(refused.RetryAfter ?? TimeSpan.Zero, TimeSpan.FromSeconds(3500), TimeSpan.FromSeconds(3600));
        Assert.Equal([200L, 429L], [LoggedCalls.Of(gateway)[0].Status, LoggedCalls.Of(gateway)[1].Status]);
    }

    [Fact]
    public async Task CentsLimit_LetsInWhileAnyIsLeft_AndCountsWhatAnswersCost()
    {
        await using FakeUpstream openai = await FakeUpstream.CountingAsync();
        await using TestGateway gateway = await StartAsync(openai);
        using HeliconeClient client = Client(gateway);
        RequestOptions options = new() { RateLimit = RateLimitPolicy.Parse("2;w=31536000;u=cents"), MaxRetries = 0 };

        // Each answer costs 1.25 cents: the second overdraws, the third has to wait.
        ChatCompletion first = await client.Chat.CompleteAsync(Ask(), options, default);
        ChatCompletion second = await client.Chat.CompleteAsync(Ask(), options, default);
        HeliconeException third = await Assert.ThrowsAsync<HeliconeException>(() => client.Chat.CompleteAsync(Ask(), options, default));

        Assert.Equal((2d, 0d), (first.RateLimit?.Remaining, second.RateLimit?.Remaining));
        Assert.Equal(HeliconeErrorKind.RateLimited, third.Kind);
        Assert.Equal(2, openai.Received.Count);
    }

    [Fact]
    public async Task CentsLimit_CountsStreamsToo()
    {
        await using FakeUpstream openai = await FakeUpstream.StreamingAsync(
            "data: {\"model\":\"gpt-4o\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}\n\n",
            "data: {\"model\":\"gpt-4o\",\"choices\":[],\"usage\":{\"prompt_tokens\":1000,\"completion_tokens\":1000,\"total_tokens\":2000}}\n\ndata: [DONE]\n\n");
        await using TestGateway gateway = await StartAsync(openai);
        using HeliconeClient client = Client(gateway);
        RequestOptions options = new() { RateLimit = RateLimitPolicy.Parse("1;w=31536000;u=cents"), MaxRetries = 0 };

        await foreach (ChatChunk chunk in client.Chat.Stream(Ask(), options))
        {
            Assert.NotNull(chunk);
        }

        HeliconeException refused = await Assert.ThrowsAsync<HeliconeException>(() => client.Chat.CompleteAsync(Ask(), options, default));
        Assert.Equal(HeliconeErrorKind.RateLimited, refused.Kind);
    }

    private static Task<TestGateway> StartAsync(FakeUpstream openai) => TestGateway.StartAsync(
        $$"""{ "providers": [ { "name": "openai", "baseUrl": "{{openai.BaseUrl}}" } ] }""",
        new Dictionary<string, string> { ["OPENAI_API_KEY"] = "sk-test-0815-4711" });

    private static HeliconeClient Client(TestGateway gateway) => new(new HeliconeOptions
    {
        GatewayUri = gateway.Uri,
        ApiUri = gateway.Uri,
        LogUri = gateway.Uri,
        ApiKey = new NetworkCredential(string.Empty, gateway.Key).SecurePassword,
        CacheDirectory = Path.Combine(gateway.Folder, "client"),
    });

    private static ChatRequest Ask() => new([new ChatMessage("user", "Why is the sky blue?")]) { Model = ModelRoute.Parse("gpt-4o") };
}
