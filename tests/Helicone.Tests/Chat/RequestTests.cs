using System.Text.Json.Nodes;
using Helicone.Tests.Hosting;
using Helicone.Tests.Servers;

namespace Helicone.Tests.Chat;

public sealed class RequestTests
{
    [Theory]
    [InlineData("", "gpt-4o-mini")]
    [InlineData("-Model helicone/gpt-4o", "gpt-4o")]
    [InlineData("-Model gpt-4o/openai -Fallback claude-4.5-sonnet/anthropic, gpt-4o-mini -ExcludeProvider azure, '!groq'", "gpt-4o/openai,claude-4.5-sonnet/anthropic,gpt-4o-mini,!azure,!groq")]
    [InlineData("-Model 'gpt-4o, claude-4.5-sonnet:online/anthropic'", "gpt-4o,claude-4.5-sonnet:online/anthropic")]
    [InlineData("-Model gpt-4o,claude-4.5-sonnet/anthropic", "gpt-4o,claude-4.5-sonnet/anthropic")]
    [InlineData("-Model gpt-4o, '!azure'", "gpt-4o,!azure")]
    [InlineData("-Fallback gpt-4o", "gpt-4o-mini,gpt-4o")]
    public async Task Route_HoweverItIsWritten_IsTheModelOnTheWire(string parameters, string model)
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        (await shell.RunAsync($"Invoke-HeliconeChat 'x' {parameters}")).AssertNoErrors();

        Assert.Equal(model, server.Chats[0].Model);
    }

    [Fact]
    public async Task Model_OfTheEnvironment_IsUsedWhenNobodySaysOtherwise()
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell shell = Shell.ConnectedTo(server.Uri);
        using Variables variables = new(("HELICONE_MODEL", "claude-4.5-sonnet"));

        (await shell.RunAsync("Invoke-HeliconeChat 1; Invoke-HeliconeChat 2 -Model gpt-4o")).AssertNoErrors();

        Assert.Equal(["claude-4.5-sonnet", "gpt-4o"], server.Chats.Select(chat => chat.Model));
    }

    [Fact]
    public async Task Sampling_AndBody_AreTheFieldsOfTheRequest()
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        (await shell.RunAsync(
            """
            $user = [pscustomobject]@{ type = 'approximate'; country = 'FR' }
            Invoke-HeliconeChat 'x' -Temperature 0.5 -TopP 1 -MaxTokens 10 -Stop a, b -Seed 7 -ReasoningEffort low -ResponseFormat json `
                -Body @{ plugins = @(@{ id = 'web'; max_uses = 2; user_location = $user; allowed_domains = 'a.example', 'b.example' }); logprobs = $true; nothing = $null; deep = [ordered]@{ n = 1.25 } }
            """)).AssertNoErrors();

        JsonObject body = server.Chats[0].Body;
        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse(
                """
                {"model":"gpt-4o-mini","messages":[{"role":"user","content":"x"}],"temperature":0.5,"top_p":1,"max_tokens":10,"stop":["a","b"],"seed":7,"reasoning_effort":"low",
                 "response_format":{"type":"json_object"},
                 "plugins":[{"id":"web","max_uses":2,"user_location":{"type":"approximate","country":"FR"},"allowed_domains":["a.example","b.example"]}],
                 "logprobs":true,"nothing":null,"deep":{"n":1.25}}
                """),
            body),
            body.ToJsonString());
    }

    [Fact]
    public async Task Model_OfTheBody_IsTheOneThatIsNamedAndPriced()
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync("$null = Get-HeliconeModel; Invoke-HeliconeChat 'x' -Model gpt-4o-mini -Body @{ model = 'helicone/gpt-4o' }")).AssertNoErrors();

        Assert.Equal("gpt-4o", server.Chats[0].Model);
        Assert.Equal("gpt-4o", result.Property("RequestedModel"));

        // 1000 tokens in at $2.50 and 200 out at $10 a million.
        Assert.Equal(0.0045m, result.Property("Cost"));
    }

    [Fact]
    public async Task Answer_SaysWhatItTook()
    {
        await using ChatServer server = await ChatServer.StartAsync(exchange => exchange.SayAsync(
            "ok",
            ("helicone-provider", "openai"),
            ("Helicone-Cache", "MISS"),
            ("Helicone-RateLimit-Limit", "100"),
            ("Helicone-RateLimit-Remaining", "99"),
            ("Helicone-RateLimit-Policy", "100;w=60")));
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync("$null = Get-HeliconeModel; $a = Invoke-HeliconeChat 'x' -Model gpt-4o-mini -Cache; $a; $a.Usage.PromptTokens; $a.RateLimit.Remaining; @($a.Attempts).Count; $a.Raw")).AssertNoErrors();

        Assert.Equal("gpt-4o-mini-2024-07-18", Result.Property(result.Output[0], "Model"));
        Assert.Equal("gpt-4o-mini", Result.Property(result.Output[0], "RequestedModel"));
        Assert.Equal("openai", Result.Property(result.Output[0], "Provider"));
        Assert.Equal("Miss", Result.Property(result.Output[0], "CacheStatus")!.ToString());
        Assert.Equal("11111111-1111-4111-8111-111111111111", Result.Property(result.Output[0], "RequestId"));

        // 1000 tokens in at $0.15 and 200 out at $0.60 a million.
        Assert.Equal(0.00027m, Result.Property(result.Output[0], "Cost"));
        Assert.Equal(["1000", "99", "1"], result.Texts.Skip(1).Take(3));
        Assert.StartsWith("{", result.Output[4].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Retry_IsSeenOnTheVerboseStream_BeforeTheAnswer()
    {
        TaskCompletionSource seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int attempts = 0;
        await using ChatServer server = await ChatServer.StartAsync(async exchange =>
        {
            if (Interlocked.Increment(ref attempts) == 1)
            {
                exchange.Header("retry-after-ms", "1");
                await exchange.FailAsync(503, "overloaded");
                return;
            }

            await seen.Task;
            await exchange.SayAsync("ok");
        });
        using Shell shell = Shell.ConnectedTo(server.Uri);

        using RunningScript script = shell.Start("Invoke-HeliconeChat 'x' -Verbose");
        await RunningScript.UntilAsync(() => script.Streams.Verbose.Any(record => record.Message.Contains("UpstreamFailed", StringComparison.Ordinal)), "the retry on the verbose stream");
        seen.SetResult();
        Result result = (await script.EndAsync()).AssertNoErrors();

        Assert.Equal("ok", result.Single.ToString());
        Assert.Equal(2, server.Chats.Count);
    }

    [Fact]
    public async Task MaxRetry_Zero_AsksOnce()
    {
        await using ChatServer server = await ChatServer.StartAsync(exchange => exchange.FailAsync(503, "overloaded"));
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync("Invoke-HeliconeChat 'x' -MaxRetry 0");

        Assert.Equal("HeliconeUpstreamFailed", result.ErrorId);
        Assert.Single(server.Chats);
    }

    [Fact]
    public async Task TimeoutSec_RunningOut_IsATimeoutAndNotAnAnswer()
    {
        await using ChatServer server = await ChatServer.StartAsync(exchange => exchange.HangAsync());
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync("Invoke-HeliconeChat 'x' -TimeoutSec 0.2");

        Assert.Equal("HeliconeTimedOut", result.ErrorId);
        Assert.Equal(System.Management.Automation.ErrorCategory.OperationTimeout, result.Error.CategoryInfo.Category);
        Assert.Contains("-TimeoutSec", result.Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReasoningEffort_IsSuggested_AndNotRestricted()
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        (await shell.RunAsync("Invoke-HeliconeChat 'x' -ReasoningEffort maximal")).AssertNoErrors();
        Result completion = (await shell.RunAsync("(TabExpansion2 'Invoke-HeliconeChat x -ReasoningEffort ' -cursorColumn 39).CompletionMatches.CompletionText")).AssertNoErrors();

        Assert.Equal("maximal", server.Chats[0].Body["reasoning_effort"]!.GetValue<string>());
        Assert.Equal(["none", "minimal", "low", "medium", "high", "xhigh"], completion.Texts);
    }

    [Fact]
    public async Task Model_OfTheConnection_IsAChain()
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell shell = Shell.ConnectedTo(server.Uri, "-Model gpt-4o, claude-4.5-sonnet");

        (await shell.RunAsync("Invoke-HeliconeChat 'x'")).AssertNoErrors();

        Assert.Equal("gpt-4o,claude-4.5-sonnet", server.Chats[0].Model);
    }
}
