using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Text.Json;
using System.Threading.Tasks;
using Helicone.Chat;
using Helicone.LocalGateway.Tests.Hosting;
using Helicone.LocalGateway.Tests.Page;
using Helicone.LocalGateway.Tests.Query;
using Helicone.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;

namespace Helicone.LocalGateway.Tests.Log;

/// <summary>What a call costs, in the log, on the page, and in the client.</summary>
public sealed class CostTests
{
    private static readonly Dictionary<string, string> s_keys = new()
    {
        ["OPENAI_API_KEY"] = "sk-a-key-of-openai",
        ["ANTHROPIC_API_KEY"] = "sk-a-key-of-anthropic",
        ["PERPLEXITY_API_KEY"] = "sk-a-key-of-perplexity",
    };

    [Theory]
    [InlineData("claude-4.5-sonnet/anthropic", """{"prompt_tokens":100,"completion_tokens":50,"total_tokens":150,"prompt_tokens_details":{"cache_write_tokens":10000}}""", 0.03855)]
    [InlineData("claude-4.5-sonnet/anthropic", """{"prompt_tokens":100,"completion_tokens":0,"total_tokens":100,"prompt_tokens_details":{"cache_write_tokens":10000,"cache_write_details":{"write_5m_tokens":0,"write_1h_tokens":10000}}}""", 0.0603)]
    [InlineData("claude-4.5-sonnet/anthropic", """{"prompt_tokens":100,"completion_tokens":0,"total_tokens":100,"prompt_tokens_details":{"cached_tokens":10000}}""", 0.0033)]
    [InlineData("claude-4.5-sonnet/anthropic", """{"prompt_tokens":100,"completion_tokens":50,"server_tool_use":{"web_search_requests":1}}""", null)]
    [InlineData("sonar/perplexity", """{"prompt_tokens":1000,"completion_tokens":1000,"total_tokens":2000}""", 0.007)]
    [InlineData("gpt-4o/openai", """{"prompt_tokens":1000,"completion_tokens":1000,"total_tokens":2000,"cost":0.5}""", 0.5)]
    [InlineData("no-such-model/openai", """{"prompt_tokens":1000,"completion_tokens":1000,"total_tokens":2000,"cost":0.5}""", 0.5)]
    [InlineData("no-such-model/openai", """{"prompt_tokens":1000,"completion_tokens":1000,"total_tokens":2000}""", null)]
    [InlineData("gpt-4o/openai", """{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}""", null)]
    public async Task Call_CostsTheSameInTheLogAndInTheClient(string model, string usage, double? cost)
    {
        await using FakeUpstream upstream = await AnsweringAsync("m", usage);
        await using TestGateway gateway = await StartAsync(upstream);
        using HeliconeClient client = await ClientAsync(gateway);

        ChatCompletion completion = await client.Chat.CompleteAsync(new ChatRequest([new ChatMessage("user", "Hello")]) { Model = ModelRoute.Parse(model) }, new RequestOptions(), default);

        Assert.Equal((decimal?)cost, completion.Cost);
        JsonElement row = await gateway.GetRequestAsync(completion.RequestId!);
        Assert.Equal((decimal?)cost, row.GetProperty("cost").ValueKind == JsonValueKind.Null ? null : row.GetProperty("cost").GetDecimal());
    }

    [Fact]
    public async Task Fallback_IsPricedAsTheModelThatAnswered()
    {
        await using FakeUpstream openai = await FakeUpstream.RefusingAsync(500, "down");
        await using FakeUpstream anthropic = await AnsweringAsync("claude-sonnet-4-5-20250929", """{"prompt_tokens":1000,"completion_tokens":1000,"total_tokens":2000}""");
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("openai", openai.BaseUrl), ("anthropic", anthropic.BaseUrl)), s_keys);
        using HeliconeClient client = await ClientAsync(gateway);

        ChatCompletion completion = await client.Chat.CompleteAsync(new ChatRequest([new ChatMessage("user", "Hello")]) { Model = ModelRoute.Parse("gpt-4o/openai,claude-4.5-sonnet/anthropic") }, new RequestOptions(), default);

        Assert.Equal(0.018m, completion.Cost);
    }

    [Fact]
    public async Task TokenCountsThatNoCallHas_AreCapped_AndLaterCallsOfTheUserWork()
    {
        await using FakeUpstream upstream = await AnsweringAsync("m", """{"prompt_tokens":9223372036854775807,"completion_tokens":9223372036854775807,"total_tokens":9223372036854775807}""");
        await using TestGateway gateway = await StartAsync(upstream);
        for (int i = 0; i < 3; i++)
        {
            using HttpResponseMessage response = await gateway.ChatAsync("gpt-4o/openai", headers: Tags("s1", "ann"));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        JsonElement user = (await gateway.PostJsonAsync("v1/user/query", "{}")).GetProperty("data")[0];
        Assert.Equal((3, 3, 3_000_000_000), (user.GetProperty("count").GetInt32(), user.GetProperty("unpriced_requests").GetInt32(), user.GetProperty("prompt_tokens").GetInt64()));
        Assert.Equal(JsonValueKind.Null, user.GetProperty("cost").ValueKind);
        JsonElement row = (await gateway.QueryAsync())[0];
        Assert.Equal(JsonValueKind.Null, row.GetProperty("cost").ValueKind);
        using PageClient browser = await PageClient.EnterAsync(gateway);
        Assert.Contains("capped", await browser.ReadAsync("/requests/" + row.GetProperty("request_id").GetString()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task CallsWithoutAPrice_AreShownAsUnknown_AndTotalsSayHowManyTheyLeaveOut()
    {
        string served = string.Empty;
        await using FakeUpstream upstream = await FakeUpstream.StartAsync(context => AnswerAsync(context, served, """{"prompt_tokens":1000,"completion_tokens":1000,"total_tokens":2000}"""));
        await using TestGateway gateway = await StartAsync(upstream);
        foreach ((string model, string session) in ((string, string)[])[("gpt-4o", "mixed"), ("no-such-model", "mixed"), ("no-such-model", "mixed"), ("no-such-model", "unknown")])
        {
            served = model;
            using HttpResponseMessage response = await gateway.ChatAsync(model + "/openai", headers: Tags(session, "user-of-" + session));
            await response.TextAsync();
        }

        using HeliconeClient client = await ClientAsync(gateway);
        List<LoggedSession> sessions = [];
        await foreach (LoggedSession session in client.Sessions.List(null, null, new RequestFilter()))
        {
            sessions.Add(session);
        }

        Assert.Equal([("mixed", 0.0125m, 2L), ("unknown", null, 1L)], sessions.OrderBy(s => s.SessionId).Select(s => (s.SessionId, s.Cost, s.UnpricedRequests!.Value)));
        IReadOnlyList<LoggedUser> users = await client.Users.ListAsync([], null, null, default);
        Assert.Equal([("user-of-mixed", 0.0125m, 2L), ("user-of-unknown", null, 1L)], users.Select(u => (u.UserId, u.Cost, u.UnpricedRequests!.Value)));
        JsonElement count = (await gateway.PostJsonAsync("v1/session/count", $$"""{"search":"","timeFilter":{"startTimeUnixMs":0,"endTimeUnixMs":{{DateTimeOffset.UtcNow.AddDays(1).ToUnixTimeMilliseconds()}} },"timezoneDifference":0,"filter":"all"}""")).GetProperty("data");
        Assert.Equal((0.0125m, 3), (count.GetProperty("total_cost").GetDecimal(), count.GetProperty("unpriced_requests").GetInt32()));

        using PageClient browser = await PageClient.EnterAsync(gateway);
        foreach (string address in (string[])["/usage", "/usage?span=6h"])
        {
            string usage = await browser.ReadAsync(address);
            Assert.Contains("<dt>Spend</dt><dd>$0.0125 (3 unpriced)</dd>", usage, StringComparison.Ordinal);
            Assert.Contains("<td class=\"n\">— (3 unpriced)</td>", usage, StringComparison.Ordinal);
        }

        Assert.Contains("<dt>Cost</dt><dd>— (1 unpriced)</dd>", await browser.ReadAsync("/sessions/unknown"), StringComparison.Ordinal);
        string list = await browser.ReadAsync("/sessions");
        Assert.Contains("<td class=\"n\">$0.0125 (2 unpriced)</td>", list, StringComparison.Ordinal);
        Assert.DoesNotContain("<td class=\"n\">$0</td>", list, StringComparison.Ordinal);
        Assert.Contains("<td class=\"n\">—</td>", await browser.ReadAsync("/"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task LimitInCents_ReportsTheModelsItCannotCount()
    {
        await using FakeUpstream upstream = await AnsweringAsync("m", """{"prompt_tokens":1000,"completion_tokens":1000,"total_tokens":2000}""");
        await using TestGateway gateway = await StartAsync(upstream);
        Dictionary<string, string> limit = new() { ["Helicone-RateLimit-Policy"] = "1;w=3600;u=cents" };
        List<int> statuses = [];
        foreach (string model in (string[])["no-such-model", "no-such-model", "gpt-4o", "no-such-model"])
        {
            using HttpResponseMessage response = await gateway.ChatAsync(model + "/openai", headers: limit);
            await response.TextAsync();
            statuses.Add((int)response.StatusCode);
        }

        Assert.Equal([200, 200, 200, 429], statuses);
    }

    [Fact]
    public async Task ToolEvents_AreNoCallsWithoutAPrice()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        using HttpResponseMessage logged = await gateway.PostAsync(
            """{"providerRequest":{"url":"custom-model-nopath","json":{"_type":"tool","toolName":"look"}},"providerResponse":{"status":200,"headers":{},"json":{"_type":"tool"}}}""",
            Tags("s1", "ann"),
            "custom/v1/log");
        Assert.Equal(HttpStatusCode.NoContent, logged.StatusCode);

        JsonElement user = (await gateway.PostJsonAsync("v1/user/query", "{}")).GetProperty("data")[0];
        Assert.Equal((1, 0), (user.GetProperty("count").GetInt32(), user.GetProperty("unpriced_requests").GetInt32()));
    }

    [Fact]
    public async Task LogOfAnOlderGateway_LosesItsOverflowingCounts_AndLearnsWhatHasNoPrice()
    {
        await using FakeUpstream upstream = await AnsweringAsync("m", """{"prompt_tokens":1000,"completion_tokens":1000,"total_tokens":2000}""");
        await using TestGateway gateway = await StartAsync(upstream);
        for (int i = 0; i < 2; i++)
        {
            using HttpResponseMessage response = await gateway.ChatAsync("gpt-4o/openai", headers: Tags("s1", "ann"));
            await response.TextAsync();
        }

        await gateway.RestartAsync(() =>
        {
            using SqliteConnection connection = new($"Data Source={gateway.DatabasePath};Pooling=False");
            connection.Open();
            using SqliteCommand older = connection.CreateCommand();
            older.CommandText = """
                DROP TABLE compressed;
                ALTER TABLE call DROP COLUMN unpriced; ALTER TABLE call DROP COLUMN implausible; ALTER TABLE usage DROP COLUMN unpriced; ALTER TABLE user_hour DROP COLUMN unpriced;
                UPDATE call SET prompt_tokens = 9223372036854775807, total_tokens = 9223372036854775807 WHERE id = 1;
                UPDATE user_hour SET prompt_tokens = 9223372036854775807, total_tokens = 9223372036854775807;
                PRAGMA user_version = 6;
                """;
            older.ExecuteNonQuery();
        });
        using HttpResponseMessage next = await gateway.ChatAsync("gpt-4o/openai", headers: Tags("s1", "ann"));
        Assert.Equal(HttpStatusCode.OK, next.StatusCode);
        await next.TextAsync();

        JsonElement user = (await gateway.PostJsonAsync("v1/user/query", "{}")).GetProperty("data")[0];
        Assert.Equal((3, 1, 0.025m), (user.GetProperty("count").GetInt32(), user.GetProperty("unpriced_requests").GetInt32(), user.GetProperty("cost").GetDecimal()));
    }

    private static Task<FakeUpstream> AnsweringAsync(string model, string usage) => FakeUpstream.StartAsync(context => AnswerAsync(context, model, usage));

    private static Task AnswerAsync(HttpContext context, string model, string usage) => FakeUpstream.WriteJsonAsync(
        context,
        200,
        $$"""{"id":"c1","object":"chat.completion","model":"{{model}}","choices":[{"index":0,"message":{"role":"assistant","content":"Blue."},"finish_reason":"stop"}],"usage":{{usage}}}""");

    private static Task<TestGateway> StartAsync(FakeUpstream upstream) => TestGateway.StartAsync(
        GatewayJsonText.Providers(("openai", upstream.BaseUrl), ("anthropic", upstream.BaseUrl), ("perplexity", upstream.BaseUrl)), s_keys);

    private static Dictionary<string, string> Tags(string session, string user) => new() { ["Helicone-Session-Id"] = session, ["Helicone-User-Id"] = user };

    /// <summary>A client that has the prices already.</summary>
    private static async Task<HeliconeClient> ClientAsync(TestGateway gateway)
    {
        HeliconeClient client = new(new HeliconeOptions
        {
            GatewayUri = gateway.Uri,
            ApiUri = gateway.Uri,
            LogUri = gateway.Uri,
            ApiKey = new NetworkCredential(string.Empty, gateway.Key).SecurePassword,
            CacheDirectory = Path.Combine(gateway.Folder, "client"),
        });
        await client.Models.GetAsync(refresh: false, default);
        return client;
    }
}
