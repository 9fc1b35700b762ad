using Helicone.Attribution;
using Helicone.Chat;
using Helicone.Core.Tests.Servers;
using Helicone.Errors;

namespace Helicone.Core.Tests.Chat;

public class CompletionTests
{
    [Fact]
    public async Task Complete_CarriesTheAnswerAndWhatItTook()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Json(
            Answers.Whole,
            200,
            ("Helicone-Id", "5c5b3c4e-0000-4000-8000-000000000001"),
            ("Helicone-Cache", "MISS"),
            ("helicone-provider", "openai"),
            ("Helicone-RateLimit-Limit", "100"),
            ("Helicone-RateLimit-Remaining", "99"),
            ("Helicone-RateLimit-Reset", "30"),
            ("Helicone-RateLimit-Policy", "100;w=60")));
        using HeliconeClient client = Clients.Client(server.Uri);

        ChatCompletion completion = await client.Chat.CompleteAsync(
            Clients.Ask() with { Model = ModelRoute.Parse("gpt-4o-mini/openai") },
            new RequestOptions { Session = new HeliconeSession("s-1", "Test"), Input = 42 },
            default);

        Assert.Equal("Rayleigh scattering.", completion.Content);
        Assert.Equal("Rayleigh scattering.", completion.ToString());
        Assert.Equal("assistant", completion.Role);
        Assert.Equal("stop", completion.FinishReason);
        Assert.Equal("gpt-4o-mini-2024-07-18", completion.Model);
        Assert.Equal("gpt-4o-mini/openai", completion.RequestedModel);
        Assert.Equal("openai", completion.Provider);
        Assert.Equal(new ChatUsage(1000, 200, 1200, 400), completion.Usage);
        Assert.Equal(CacheStatus.Miss, completion.CacheStatus);
        Assert.Equal("5c5b3c4e-0000-4000-8000-000000000001", completion.RequestId);
        Assert.Equal("s-1", completion.SessionId);
        Assert.Equal(new RateLimitStatus(100, 99, TimeSpan.FromSeconds(30), "100;w=60"), completion.RateLimit);
        Assert.Equal(42, completion.Input);
        Assert.Equal(Answers.Whole, completion.Raw);
        Assert.True(completion.Latency > TimeSpan.Zero);
        Assert.Null(completion.TimeToFirstToken);
        CallAttempt attempt = Assert.Single(completion.Attempts);
        Assert.Null(attempt.Kind);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Attempts_NameTheProvidersThatTheGatewayAskedInVain(bool streamed)
    {
        const string Failed = """[{"type":"request_failed","message":"Zu viel, Zo\u00EB.","statusCode":429,"source":"gpt-4o/openai/byok"},{"type":"missing_provider_key","statusCode":400,"source":"gpt-4o/azure/byok"}]""";
        await using ScriptedServer server = await ScriptedServer.StartAsync(context =>
        {
            context.Response.Headers["Helicone-Failed-Attempts"] = Failed;
            return (streamed ? ScriptedServer.Events(Answers.Text("Hi"), Answers.Finish, Answers.Done) : ScriptedServer.Json(Answers.Whole))(context);
        });
        using HeliconeClient client = Clients.Client(server.Uri);

        ChatCompletion? completion = null;
        if (streamed)
        {
            await foreach (ChatChunk chunk in client.Chat.Stream(Clients.Ask()))
            {
                completion = chunk.Completion;
            }
        }
        else
        {
            completion = await client.Chat.CompleteAsync(Clients.Ask(), null, default);
        }

        CallAttempt attempt = Assert.Single(completion!.Attempts);
        Assert.Null(attempt.Kind);
        Assert.Equal(
            [new UpstreamAttempt("gpt-4o/openai/byok", 429, "request_failed", "Zu viel, Zoë."), new UpstreamAttempt("gpt-4o/azure/byok", 400, "missing_provider_key", null)],
            attempt.Upstream);
        Assert.EndsWith(" ms, failed before: gpt-4o/openai/byok (429), gpt-4o/azure/byok (400)", attempt.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("{}")]
    [InlineData("[1,null,{\"other\":1}]")]
    public async Task Attempts_OfAHeaderThatIsNoList_AreNoReasonToFail(string header)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Json(Answers.Whole, 200, ("Helicone-Failed-Attempts", header)));
        using HeliconeClient client = Clients.Client(server.Uri);

        ChatCompletion completion = await client.Chat.CompleteAsync(Clients.Ask(), null, default);

        Assert.Empty(Assert.Single(completion.Attempts).Upstream);
    }

    [Fact]
    public async Task Complete_SendsEveryParameterUnderItsWireName()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Json(Answers.Whole));
        using HeliconeClient client = Clients.Client(server.Uri);

        await client.Chat.CompleteAsync(
            new ChatRequest([new ChatMessage("system", "Be brief."), new ChatMessage("user", "Grüße 🌍")])
            {
                Model = ModelRoute.Parse("helicone/gpt-4o/openai").Then(ModelRoute.Parse("claude-4.5-sonnet")).Without(["azure"]),
                Temperature = 0.5,
                TopP = 0.9,
                MaxTokens = 100,
                Stop = ["END"],
                Seed = 7,
                ReasoningEffort = "low",
                ResponseFormat = "json_object",
                Body = new Dictionary<string, object?> { ["top_k"] = 3, ["nested"] = new Dictionary<string, object?> { ["list"] = new object?[] { 1, "two", null, true, 1.5 } } },
            },
            null,
            default);

        Assert.Equal(
            """{"model":"gpt-4o/openai,claude-4.5-sonnet,!azure","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Grüße 🌍"}],"temperature":0.5,"top_p":0.9,"max_tokens":100,"stop":["END"],"seed":7,"reasoning_effort":"low","response_format":{"type":"json_object"},"top_k":3,"nested":{"list":[1,"two",null,true,1.5]}}""",
            System.Text.RegularExpressions.Regex.Unescape(server.Chats.Single().Body.Replace("\\uD83C\\uDF0D", "🌍", StringComparison.OrdinalIgnoreCase)));
    }

    [Theory]
    [InlineData("gpt-4o", "max_tokens")]
    [InlineData("o3", "max_completion_tokens")]
    [InlineData("o4-mini/openai", "max_completion_tokens")]
    [InlineData("gpt-5-mini", "max_completion_tokens")]
    [InlineData("gpt-5,claude-4.5-sonnet", "max_tokens")]
    public async Task MaxTokens_GoesUnderTheNameThatTheModelTakes(string model, string field)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Json(Answers.Whole));
        using HeliconeClient client = Clients.Client(server.Uri);

        await client.Chat.CompleteAsync(Clients.Ask() with { Model = ModelRoute.Parse(model), MaxTokens = 5 }, null, default);

        Assert.Contains($"\"{field}\":5", server.Chats.Single().Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Complete_SendsKeyAgentAndAttributionAsHeaders()
    {
#if NETSTANDARD_CORE
        // .NET's handler refuses the characters that .NET Framework's sends: TransportTests looks at what this build gives the handler.
        const string Environment = "Produktion - Zuerich";
#else
        const string Environment = "Produktion – Zürich";
#endif
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Json(Answers.Whole));
        using HeliconeClient client = new(Clients.Options(server.Uri) with { UserAgentComment = "Tests" });

        await client.Chat.CompleteAsync(
            Clients.Ask(),
            new RequestOptions
            {
                Session = new HeliconeSession("session-123", "Weather", "plan").At("weather"),
                Tags = new RequestTags { UserId = "user-789", Properties = new Dictionary<string, string> { ["Environment"] = Environment }, RequestId = "0b4aa92a-0000-4000-8000-00000000000a" },
                Cache = new CachePolicy { MaxAge = TimeSpan.FromHours(1), Seed = "seed", BucketSize = 3 },
                RateLimit = RateLimitPolicy.Parse("100;w=60;s=user"),
                Headers = new Dictionary<string, string> { ["Helicone-Omit-Request"] = "true" },
            },
            default);

        IReadOnlyDictionary<string, string> headers = server.Chats.Single().Headers;
        Assert.Equal("Bearer " + Clients.Key, headers["Authorization"]);
        Assert.Matches(@"^Helicone\.PowerShell/\d+\.\d+\.\d+(-\w+)? \(Tests\)$", headers["User-Agent"]);
        Assert.Equal("session-123", headers["Helicone-Session-Id"]);
        Assert.Equal("/plan/weather", headers["Helicone-Session-Path"]);
        Assert.Equal("Weather", headers["Helicone-Session-Name"]);
        Assert.Equal("user-789", headers["Helicone-User-Id"]);
        Assert.Equal(Environment, headers["Helicone-Property-Environment"]);
        Assert.Equal("0b4aa92a-0000-4000-8000-00000000000a", headers["Helicone-Request-Id"]);
        Assert.Equal("true", headers["Helicone-Cache-Enabled"]);
        Assert.Equal("max-age=3600", headers["Cache-Control"]);
        Assert.Equal("seed", headers["Helicone-Cache-Seed"]);
        Assert.Equal("3", headers["Helicone-Cache-Bucket-Max-Size"]);
        Assert.Equal("100;w=60;s=user", headers["Helicone-RateLimit-Policy"]);
        Assert.Equal("true", headers["Helicone-Omit-Request"]);
        Assert.Equal("application/json", headers["Content-Type"]);
    }

    [Fact]
    public async Task Complete_ReadsToolCallsReasoningAndPartsOfContent()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Json(
            """{"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}],"reasoning":"because","tool_calls":[{"id":"call_1","type":"function","function":{"name":"get_weather","arguments":"{\"city\":\"Rome\"}"},"extra_content":{"google":{"thought_signature":"sig"}}}],"images":[{"image_url":{"url":"data:x"}}]},"finish_reason":"tool_calls"}]}"""));
        using HeliconeClient client = Clients.Client(server.Uri);

        ChatCompletion completion = await client.Chat.CompleteAsync(Clients.Ask(), null, default);

        Assert.Equal("ab", completion.Content);
        Assert.Equal("because", completion.Reasoning);
        ToolCall call = Assert.Single(completion.ToolCalls);
        Assert.Equal(("call_1", "get_weather", "{\"city\":\"Rome\"}"), (call.Id, call.Name, call.Arguments));
        Assert.Contains("thought_signature", call.ExtraContent, StringComparison.Ordinal);
        Assert.Contains("images", completion.Raw, StringComparison.Ordinal);
        Assert.Null(completion.Usage);
        Assert.Null(completion.Cost);
    }

    [Fact]
    public async Task Connection_IsReusedByEveryCall()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Json(Answers.Whole));
        using HeliconeClient client = Clients.Client(server.Uri);

        for (int i = 0; i < 20; i++)
        {
            await client.Chat.CompleteAsync(Clients.Ask(), null, default);
        }

        // The first call loads the registry in parallel: two requests at once, two connections, and never another.
        Assert.InRange(server.Requests.Select(c => c.ConnectionId).Distinct().Count(), 1, 2);
    }

    [Theory]
    [InlineData("http://example.com/")]
    [InlineData("ftp://127.0.0.1/")]
    [InlineData("https://user:secret@example.com/")]
    public void Options_AddressThatWouldLeak_IsRefused(string uri)
    {
        ArgumentException e = Assert.Throws<ArgumentException>(() => new HeliconeClient(new HeliconeOptions { GatewayUri = new Uri(uri), ApiKey = Clients.SecureKey }));

        Assert.DoesNotContain(Clients.Key, e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redirect_IsNeverFollowed_AndItsTargetIsNamed()
    {
        await using ScriptedServer other = await ScriptedServer.StartAsync(ScriptedServer.Json(Answers.Whole));
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Json("", 307, ("Location", other.Uri + "v1/chat/completions")));
        using HeliconeClient client = Clients.Client(server.Uri);

        HeliconeException e = await Assert.ThrowsAsync<HeliconeException>(() => client.Chat.CompleteAsync(Clients.Ask(), null, default));

        Assert.Equal(HeliconeErrorKind.InvalidRequest, e.Kind);
        Assert.Contains(other.Uri.Authority, e.Message, StringComparison.Ordinal);
        Assert.Single(server.Chats);
        Assert.Empty(other.Requests);
    }

    [Fact]
    public async Task Request_ThatCannotGoOnTheWire_IsRefusedBeforeAnythingIsSent()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Json(Answers.Whole));
        using HeliconeClient client = Clients.Client(server.Uri);

        await Assert.ThrowsAsync<ArgumentException>(() => client.Chat.CompleteAsync(new ChatRequest([]), null, default));
        await Assert.ThrowsAsync<ArgumentException>(() => client.Chat.CompleteAsync(Clients.Ask() with { Body = new Dictionary<string, object?> { ["x"] = new object() } }, null, default));
        await Assert.ThrowsAsync<ArgumentException>(() => client.Chat.CompleteAsync(Clients.Ask(), new RequestOptions { RateLimit = RateLimitPolicy.Parse("1;w=60;s=user") }, default));
        await Assert.ThrowsAsync<ArgumentException>(() => client.Chat.CompleteAsync(Clients.Ask(), new RequestOptions { Headers = new Dictionary<string, string> { ["Authorization"] = "Bearer x" } }, default));
        await Assert.ThrowsAsync<ArgumentException>(() => client.Chat.CompleteAsync(Clients.Ask(), new RequestOptions { Headers = new Dictionary<string, string> { ["X"] = "a\r\nHelicone-User-Id: b" } }, default));

        Assert.Empty(server.Requests);
    }
}
