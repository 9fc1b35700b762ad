using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Helicone.LocalGateway.Tests.Hosting;
using Helicone.LocalGateway.Tests.Query;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;

namespace Helicone.LocalGateway.Tests.Log;

public sealed class LogTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("helicone-log-").FullName;

    private string Database => Path.Combine(_folder, "helicone.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Call_IsLoggedWithAllThatIsKnownOfIt()
    {
        const string Answer = """{"id":"c1","object":"chat.completion","model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"message":{"role":"assistant","content":"Blue."},"finish_reason":"stop"}],"usage":{"prompt_tokens":1000,"completion_tokens":200,"total_tokens":1200,"prompt_tokens_details":{"cached_tokens":400},"completion_tokens_details":{"reasoning_tokens":50}}}""";
        await using FakeUpstream upstream = await FakeUpstream.StartAsync(context => FakeUpstream.WriteJsonAsync(context, 200, Answer));
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("openai", upstream.BaseUrl)), new Dictionary<string, string> { ["OPENAI_API_KEY"] = "sk-a-key-of-openai" });
        const string Id = "11111111-2222-4333-8444-555555555555";

        using HttpResponseMessage response = await gateway.ChatAsync("gpt-4o-mini", headers: new Dictionary<string, string>
        {
            ["Helicone-Request-Id"] = Id,
            ["Helicone-User-Id"] = "user-789",
            ["Helicone-Session-Id"] = "s1",
            ["Helicone-Session-Name"] = "Planning",
            ["Helicone-Session-Path"] = "/plan/a",
            ["Helicone-Property-Environment"] = "production",
            ["Helicone-Prompt-Id"] = "p1",
        });
        await response.TextAsync();

        JsonElement row = await gateway.GetRequestAsync(Id);
        Assert.Equal(Id, response.Header("Helicone-Id"));
        Assert.Equal(200, row.GetProperty("response_status").GetInt32());
        Assert.Equal("gpt-4o-mini", row.GetProperty("request_model").GetString());
        Assert.Equal("gpt-4o-mini-2024-07-18", row.GetProperty("response_model").GetString());
        Assert.Equal("openai", row.GetProperty("provider").GetString());
        Assert.Equal("user-789", row.GetProperty("request_user_id").GetString());
        Assert.Equal("p1", row.GetProperty("prompt_id").GetString());
        Assert.Equal("OPENAI", row.GetProperty("ai_gateway_body_mapping").GetString());
        Assert.Equal("/v1/chat/completions", row.GetProperty("request_path").GetString());
        Assert.Equal(upstream.BaseUrl + "/chat/completions", row.GetProperty("target_url").GetString());
        Assert.Equal((1000, 200, 1200), (row.GetProperty("prompt_tokens").GetInt32(), row.GetProperty("completion_tokens").GetInt32(), row.GetProperty("total_tokens").GetInt32()));
        Assert.Equal((400, 50), (row.GetProperty("prompt_cache_read_tokens").GetInt32(), row.GetProperty("reasoning_tokens").GetInt32()));

        // 600 at 0.15, 400 cached at 0.075, 200 at 0.60, each for a million.
        Assert.Equal(0.00024m, row.GetProperty("cost").GetDecimal());
        Assert.Equal("""{"Helicone-Session-Id":"s1","Helicone-Session-Name":"Planning","Helicone-Session-Path":"/plan/a","Environment":"production"}""", row.GetProperty("properties").GetRawText());
        Assert.Equal("Why is the sky blue?", row.GetProperty("request_body").GetProperty("messages")[0].GetProperty("content").GetString());
        Assert.Equal(Answer, row.GetProperty("response_body").GetRawText());
        Assert.Equal(JsonValueKind.Null, row.GetProperty("time_to_first_token").ValueKind);
        Assert.False(row.GetProperty("cache_enabled").GetBoolean());
    }

    [Fact]
    public async Task Call_IsInTheLogBeforeItsLastByteLeaves()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();

        // Looked for the moment that its end was seen, a hundred times, blocking and streamed.
        for (int i = 0; i < 100; i++)
        {
            using HttpResponseMessage response = await gateway.ChatAsync("gpt-4o", stream: i % 2 == 1);
            await response.TextAsync();
            Assert.Equal(response.Header("Helicone-Id"), (await gateway.GetRequestAsync(response.Header("Helicone-Id")!)).GetProperty("request_id").GetString());
        }
    }

    [Fact]
    public async Task Stream_IsLoggedAsTheAnswerThatItMakes()
    {
        await using FakeUpstream upstream = await FakeUpstream.StreamingAsync(
            "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":7,\"model\":\"gpt-4o-x\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}\n\n",
            "data: {\"id\":\"c1\",\"choices\":[{\"delta\":{\"content\":\"It is \\\"bl\"},\"index\":0}]}\n\ndata: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"ue\\\".\\ud83d\"}}]}\n\n",
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\\ude00\"}}]}\n\n",
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"t1\",\"type\":\"function\",\"function\":{\"name\":\"look\",\"arguments\":\"{\\\"a\"}}]}}]}\n\n",
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"\\\":1}\"}}]}}]}\n\n",
            "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\n",
            "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3,\"total_tokens\":10}}\n\ndata: [DONE]\n\n");
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", upstream.BaseUrl)));

        using HttpResponseMessage response = await gateway.ChatAsync("m/one", stream: true);
        await response.TextAsync();

        JsonElement row = await gateway.GetRequestAsync(response.Header("Helicone-Id")!);
        Assert.Equal(
            """{"object":"chat.completion","id":"c1","created":7,"model":"gpt-4o-x","choices":[{"index":0,"message":{"role":"assistant","content":"It is \"blue\".😀","tool_calls":[{"id":"t1","type":"function","function":{"name":"look","arguments":"{\"a\":1}"}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10}}""",
            row.GetProperty("response_body").GetRawText());
        Assert.Equal("It is \"blue\".\U0001F600", row.GetProperty("response_body").Content());
        Assert.Equal((7, 3, 10), (row.GetProperty("prompt_tokens").GetInt32(), row.GetProperty("completion_tokens").GetInt32(), row.GetProperty("total_tokens").GetInt32()));
        Assert.Equal("gpt-4o-x", row.GetProperty("response_model").GetString());
        Assert.InRange(row.GetProperty("time_to_first_token").GetInt32(), 0, row.GetProperty("delay_ms").GetInt32());
    }

    [Fact]
    public async Task NativeStream_IsLoggedAsItCame_WithItsUsage()
    {
        const string Events = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"model\":\"claude-x\",\"usage\":{\"input_tokens\":100,\"cache_read_input_tokens\":20,\"cache_creation_input_tokens\":3,\"output_tokens\":1}}}\n\nevent: message_delta\ndata: {\"type\":\"message_delta\",\"usage\":{\"output_tokens\":15}}\n\n";
        await using FakeUpstream upstream = await FakeUpstream.StreamingAsync(Events);
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", upstream.BaseUrl)));

        using HttpResponseMessage response = await gateway.ChatAsync("m/one", stream: true, headers: new Dictionary<string, string> { ["Helicone-Gateway-Body-Mapping"] = "NO_MAPPING" });
        await response.TextAsync();

        JsonElement row = await gateway.GetRequestAsync(response.Header("Helicone-Id")!);
        Assert.Equal(Events, row.GetProperty("response_body").GetString());
        Assert.Equal("claude-x", row.GetProperty("response_model").GetString());
        Assert.Equal((120, 15, 138), (row.GetProperty("prompt_tokens").GetInt32(), row.GetProperty("completion_tokens").GetInt32(), row.GetProperty("total_tokens").GetInt32()));
        Assert.Equal((20, 3), (row.GetProperty("prompt_cache_read_tokens").GetInt32(), row.GetProperty("prompt_cache_write_tokens").GetInt32()));
    }

    [Fact]
    public async Task FailedCall_IsLoggedWithTheStatusThatWasSent()
    {
        await using FakeUpstream upstream = await FakeUpstream.RefusingAsync(404, "No such model");
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", upstream.BaseUrl)));

        using HttpResponseMessage response = await gateway.ChatAsync("m/one");
        JsonElement row = await gateway.GetRequestAsync(response.Header("Helicone-Id")!);

        Assert.Equal(500, row.GetProperty("response_status").GetInt32());
        Assert.Equal("one", row.GetProperty("provider").GetString());
        Assert.Equal(404, row.GetProperty("response_body").GetProperty("error").GetProperty("details")[0].GetProperty("statusCode").GetInt32());
        Assert.Equal(JsonValueKind.Null, row.GetProperty("cost").ValueKind);
    }

    [Fact]
    public async Task CallThatIsRefusedBeforeAnybodyIsAsked_IsLogged_WhatIsNoCallIsNot()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        using HttpResponseMessage response = await gateway.ChatAsync("gpt-4o,!nobody");
        using HttpResponseMessage empty = await gateway.PostAsync("{}");
        using HttpClient stranger = new() { BaseAddress = gateway.Uri };
        using HttpResponseMessage refused = await stranger.PostAsync(new Uri("v1/chat/completions", UriKind.Relative), new StringContent("""{"model":"gpt-4o"}"""));

        JsonElement row = Assert.Single(await gateway.QueryAsync());
        Assert.Equal((400, 400, 401), ((int)response.StatusCode, (int)empty.StatusCode, (int)refused.StatusCode));
        Assert.Equal(response.Header("Helicone-Id"), row.GetProperty("request_id").GetString());
        Assert.Equal(400, row.GetProperty("response_status").GetInt32());
        Assert.StartsWith("Invalid provider", (await gateway.GetRequestAsync(response.Header("Helicone-Id")!)).GetProperty("response_body").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task StreamThatItsProviderCuts_IsLoggedAsFailed_WithWhatCame()
    {
        TaskCompletionSource seen = new();
        await using FakeUpstream upstream = await FakeUpstream.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Half\"}}]}\n\n");
            await context.Response.Body.FlushAsync();
            await seen.Task.WaitAsync(context.RequestAborted);
            context.Abort();
        });
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", upstream.BaseUrl)));

        using HttpResponseMessage response = await gateway.ChatAsync("m/one", stream: true);
        using StreamReader reader = new(await response.Content.ReadAsStreamAsync());
        await reader.ReadLineAsync();
        seen.SetResult();
        await Assert.ThrowsAnyAsync<Exception>(() => reader.ReadToEndAsync());

        JsonElement row = await gateway.GetRequestAsync(response.Header("Helicone-Id")!);
        Assert.Equal(500, row.GetProperty("response_status").GetInt32());
        Assert.Equal("Half", row.GetProperty("response_body").Content());
        Assert.StartsWith("The answer broke off", row.GetProperty("response_body").GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task CallWhoseClientLeaves_IsLoggedAsCancelled()
    {
        TaskCompletionSource gone = new();
        await using FakeUpstream upstream = await FakeUpstream.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Half\"}}]}\n\n");
            await context.Response.Body.FlushAsync();
            context.RequestAborted.Register(() => gone.SetResult());
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", upstream.BaseUrl)));

        string id;
        using (HttpResponseMessage response = await gateway.ChatAsync("m/one", stream: true))
        {
            id = response.Header("Helicone-Id")!;
            using StreamReader reader = new(await response.Content.ReadAsStreamAsync());
            await reader.ReadLineAsync();
        }

        await gone.Task.WaitAsync(TimeSpan.FromMinutes(1));
        List<JsonElement> rows;
        do
        {
            rows = await gateway.QueryAsync();
        }
        while (rows.Count == 0);

        JsonElement row = await gateway.GetRequestAsync(id);
        Assert.Equal(-3, row.GetProperty("response_status").GetInt32());
        Assert.Equal("Half", row.GetProperty("response_body").Content());
    }

    [Theory]
    [InlineData("Helicone-Omit-Request", false, true)]
    [InlineData("Helicone-Omit-Response", true, false)]
    public async Task OmittedBody_IsNowhereInTheFile(string header, bool keepsRequest, bool keepsResponse)
    {
        await using (TestGateway gateway = await TestGateway.StartAsync(change: o => o with { DatabasePath = Database }))
        {
            using HttpResponseMessage response = await gateway.ChatAsync("gpt-4o", "zebra-question", headers: new Dictionary<string, string> { [header] = "true" });
            string answer = (await response.JsonAsync()).GetProperty("id").GetString()!;
            JsonElement row = await gateway.GetRequestAsync(response.Header("Helicone-Id")!);

            Assert.Equal(keepsRequest, row.GetProperty("request_body").ValueKind == JsonValueKind.Object);
            Assert.Equal(keepsResponse, row.GetProperty("response_body").ValueKind == JsonValueKind.Object);
            Assert.True(row.GetProperty("prompt_tokens").GetInt32() > 0);
            Assert.NotEmpty(answer);
        }

        if (!keepsRequest && !keepsResponse)
        {
            Assert.DoesNotContain("zebra-question", System.Text.Encoding.Latin1.GetString(await File.ReadAllBytesAsync(Database)), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task IdThatIsUsedAgain_NamesOnlyItsFirstCall()
    {
        const string Id = "11111111-2222-4333-8444-555555555555";
        Dictionary<string, string> headers = new() { ["Helicone-Request-Id"] = Id };
        await using TestGateway gateway = await TestGateway.StartAsync();

        using HttpResponseMessage first = await gateway.ChatAsync("gpt-4o", "one", headers: headers);
        using HttpResponseMessage second = await gateway.ChatAsync("gpt-4o", "two", headers: headers);
        await gateway.LogAsync(headers: headers);

        Assert.Equal(Id, first.Header("Helicone-Id"));
        Assert.NotEqual(Id, second.Header("Helicone-Id"));
        Assert.Equal(3, (await gateway.QueryAsync()).Count);
        Assert.Equal("one", (await gateway.GetRequestAsync(Id)).GetProperty("request_body").GetProperty("messages")[0].GetProperty("content").GetString());
        Assert.Equal("two", (await gateway.GetRequestAsync(second.Header("Helicone-Id")!)).GetProperty("request_body").GetProperty("messages")[0].GetProperty("content").GetString());
    }

    [Fact]
    public async Task IdOfTwoCallsAtOnce_IsGivenToOne()
    {
        Dictionary<string, string> headers = new() { ["Helicone-Request-Id"] = "11111111-2222-4333-8444-555555555555" };
        await using TestGateway gateway = await TestGateway.StartAsync();

        HttpResponseMessage[] responses = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => gateway.ChatAsync("gpt-4o", headers: headers)));

        Assert.Equal(16, responses.Select(r => r.Header("Helicone-Id")).Distinct().Count());
        Assert.Equal(16, (await gateway.QueryAsync()).Count);
        Assert.Contains(responses, r => r.Header("Helicone-Id") == "11111111-2222-4333-8444-555555555555");
    }

    [Fact]
    public async Task Log_IsThereAfterARestart_AndItsOwnersAlone()
    {
        await using (TestGateway before = await TestGateway.StartAsync(change: o => o with { DatabasePath = Database }))
        {
            using HttpResponseMessage response = await before.ChatAsync("gpt-4o");
            await response.TextAsync();
        }

        Assert.Empty(Directory.GetFiles(_folder, "helicone.db-*"));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Database));
        }

        await using TestGateway after = await TestGateway.StartAsync(change: o => o with { DatabasePath = Database });
        Assert.Equal("gpt-4o", Assert.Single(await after.QueryAsync()).GetProperty("request_model").GetString());
    }

    [Fact]
    public async Task CallThatCannotBeLogged_IsNotAnswered_AndTheNextAsksNobody()
    {
        await using FakeUpstream upstream = await FakeUpstream.AnsweringAsync("Blue.");
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", upstream.BaseUrl)), change: o => o with { DatabasePath = Database });

        // A trigger is a full disk that a test can have.
        Execute("CREATE TRIGGER full BEFORE INSERT ON call BEGIN SELECT RAISE(FAIL, 'disk full'); END");
        using HttpResponseMessage failed = await gateway.ChatAsync("m/one");
        using HttpResponseMessage cut = await gateway.ChatAsync("m/one", stream: true);
        Execute("DROP TRIGGER full");
        using HttpResponseMessage well = await gateway.ChatAsync("m/one");

        Assert.Equal(500, (int)failed.StatusCode);
        Assert.Equal("true", failed.Header("helicone-error"));
        Assert.Equal("false", failed.Header("x-should-retry"));
        JsonElement error = (await failed.JsonAsync()).GetProperty("error");
        Assert.Equal("log_unavailable", error.GetProperty("code").GetString());
        Assert.Contains("disk full", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(200, (int)well.StatusCode);
        Assert.Single(await gateway.QueryAsync());
    }

    [Fact]
    public async Task StreamThatCannotBeLogged_NamesTheCause_AndHasNoEnd()
    {
        await using FakeUpstream upstream = await FakeUpstream.StreamingAsync("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Blue.\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n");
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", upstream.BaseUrl)), change: o => o with { DatabasePath = Database });
        Execute("CREATE TRIGGER full BEFORE INSERT ON call BEGIN SELECT RAISE(FAIL, 'disk full'); END");

        using HttpResponseMessage response = await gateway.ChatAsync("m/one", stream: true);
        using StreamReader reader = new(await response.Content.ReadAsStreamAsync());
        List<string> lines = [];
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            while (await reader.ReadLineAsync() is { } line)
            {
                lines.Add(line);
            }
        });

        Assert.Contains(lines, l => l.Contains("Blue.", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.Contains("\"code\":\"log_unavailable\"", StringComparison.Ordinal));
        Assert.DoesNotContain("data: [DONE]", lines);
    }

    private void Execute(string sql)
    {
        using SqliteConnection connection = new($"Data Source={Database};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
