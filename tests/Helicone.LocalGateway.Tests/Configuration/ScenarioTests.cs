using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Text.Json;
using System.Threading.Tasks;
using Helicone.LocalGateway.Tests.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Helicone.LocalGateway.Tests.Configuration;

public sealed class ScenarioTests
{
    [Theory]
    [InlineData("""{ "model": "gpt-4o" }""", true)]
    [InlineData("""{ "model": "GPT-4*" }""", true)]
    [InlineData("""{ "model": "gpt-4" }""", false)]
    [InlineData("""{ "prompt": "SKY" }""", true)]
    [InlineData("""{ "prompt": "sea" }""", false)]
    [InlineData("""{ "prompt": { "contains": "blue?" } }""", true)]
    [InlineData("""{ "prompt": { "regex": "^Why .* blue\\?$" } }""", true)]
    [InlineData("""{ "prompt": { "regex": "^blue" } }""", false)]
    [InlineData("""{ "properties": { "environment": "prod*" } }""", true)]
    [InlineData("""{ "properties": { "Environment": "prod" } }""", false)]
    [InlineData("""{ "properties": { "Team": "*" } }""", false)]
    [InlineData("""{ "headers": { "Helicone-User-Id": "user-7" } }""", true)]
    [InlineData("""{ "headers": { "Helicone-User-Id": "user-8" } }""", false)]
    [InlineData("""{ "stream": false }""", true)]
    [InlineData("""{ "stream": true }""", false)]
    [InlineData("""{ "model": "gpt-4o", "prompt": "sea" }""", false)]
    [InlineData("{}", true)]
    public async Task Scenario_IsPlayedForTheCallsItMatches(string match, bool fits)
    {
        await using TestGateway gateway = await TestGateway.StartAsync($$"""{ "scenarios": [ { "match": {{match}}, "reply": { "text": "Scripted." } } ] }""");

        using HttpResponseMessage response = await gateway.ChatAsync(
            "gpt-4o",
            "Why is the sky blue?",
            headers: HeaderSet.Of("Helicone-Property-Environment: production | Helicone-User-Id: user-7"));

        string text = (await response.JsonAsync()).Content();
        Assert.Equal(fits, text == "Scripted.");
        Assert.Equal("offline", response.Header("helicone-provider"));
    }

    [Fact]
    public async Task Template_IsFilledWithTheCall()
    {
        await using TestGateway gateway = await TestGateway.StartAsync("""
            { "scenarios": [ {
              "match": { "prompt": { "regex": "(?<verb>\\w+) (\\w+)" } },
              "reply": { "text": "{{model}}|{{ prompt }}|{{user}}|{{session}}|{{count}}|{{property:Team}}|{{header:X-Trace}}|{{match:1}}|{{match:verb}}|{{match:9}}|{nothing}" }
            } ] }
            """);
        Dictionary<string, string> headers = HeaderSet.Of("Helicone-User-Id: u | Helicone-Session-Id: s | Helicone-Property-Team: t | X-Trace: x");
        (await gateway.ChatAsync("gpt-4o", "say hello", headers: headers)).Dispose();

        using HttpResponseMessage response = await gateway.ChatAsync("gpt-4o", "say hello", headers: headers);

        Assert.Equal("gpt-4o|say hello|u|s|2|t|x|hello|say||{nothing}", (await response.JsonAsync()).Content());
    }

    [Fact]
    public async Task Times_AreServed_ThenTheNextThatFits()
    {
        await using TestGateway gateway = await TestGateway.StartAsync("""
            { "scenarios": [
              { "times": 2, "reply": { "text": "First." } },
              { "match": { "prompt": "sky" }, "times": 1, "reply": { "text": "Second." } }
            ] }
            """);
        List<string> texts = [];
        for (int i = 0; i < 4; i++)
        {
            using HttpResponseMessage response = await gateway.ChatAsync("gpt-4o");
            texts.Add((await response.JsonAsync()).Content());
        }

        Assert.Equal(["First.", "First.", "Second."], texts[..3]);
        Assert.StartsWith("[offline]", texts[3], StringComparison.Ordinal);
    }

    [Fact]
    public async Task ToolCall_IsMade()
    {
        await using TestGateway gateway = await TestGateway.StartAsync("""
            { "scenarios": [ { "reply": { "toolCall": { "name": "get_weather", "arguments": { "city": "{{prompt}}" } } } } ] }
            """);

        using HttpResponseMessage response = await gateway.ChatAsync("gpt-4o", "Paris");

        JsonElement choice = (await response.JsonAsync()).GetProperty("choices")[0];
        JsonElement function = choice.GetProperty("message").GetProperty("tool_calls")[0].GetProperty("function");
        Assert.Equal("tool_calls", choice.GetProperty("finish_reason").GetString());
        Assert.Equal(("get_weather", """{ "city": "Paris" }"""), (function.GetProperty("name").GetString(), function.GetProperty("arguments").GetString()));
    }

    [Theory]
    [InlineData("""{ "turn": 2 }""", true)]
    [InlineData("""{ "turn": 1 }""", false)]
    [InlineData("""{ "toolResult": "SUNNY" }""", true)]
    [InlineData("""{ "toolResult": "" }""", true)]
    [InlineData("""{ "toolResult": "rain" }""", false)]
    [InlineData("""{ "toolResult": { "regex": "^(\\w+) sunny" } }""", true)]
    [InlineData("""{ "toolResult": { "contains": "mild" } }""", true)]
    [InlineData("""{ "tools": "get_*" }""", true)]
    [InlineData("""{ "tools": ["get_weather", "get_time"] }""", true)]
    [InlineData("""{ "tools": ["get_weather", "get_news"] }""", false)]
    [InlineData("""{ "prompt": "weather", "turn": 2, "toolResult": "mild", "tools": "get_time" }""", true)]
    public async Task Scenario_IsPlayedForTheConversationItMatches(string match, bool fits)
    {
        await using TestGateway gateway = await TestGateway.StartAsync($$$"""{ "scenarios": [ { "match": {{{match}}}, "reply": { "text": "Scripted {{toolResult}}." } } ] }""");

        using HttpResponseMessage response = await gateway.PostAsync(Conversation(
            """{ "role": "user", "content": "weather" }, { "role": "assistant", "content": null, "tool_calls": [] }, { "role": "tool", "tool_call_id": "a", "content": "Oslo sunny" }, { "role": "tool", "tool_call_id": "b", "content": "Rome mild" }"""));

        Assert.Equal(fits, (await response.JsonAsync()).Content() == "Scripted Rome mild.");
    }

    [Fact]
    public async Task Replies_AreASequence_ForEachConversation()
    {
        await using TestGateway gateway = await TestGateway.StartAsync("""
            { "scenarios": [ { "match": { "prompt": "weather" }, "replies": [
              { "text": "I look it up.", "toolCalls": [ { "name": "get_weather", "arguments": { "city": "Oslo" } }, { "name": "get_weather", "arguments": { "city": "Rome" } } ] },
              { "text": "It is {{toolResult}}." } ] } ] }
            """);
        const string Asked = """{ "role": "user", "content": "Hi" }, { "role": "assistant", "content": "Hello" }, { "role": "user", "content": "weather?" }""";
        const string Called = Asked + """, { "role": "assistant", "content": "I look it up." }, { "role": "tool", "tool_call_id": "a", "content": "sunny" }""";

        // Two conversations side by side, each at its own step.
        for (int i = 0; i < 2; i++)
        {
            using HttpResponseMessage first = await gateway.PostAsync(Conversation(Asked));
            JsonElement choice = (await first.JsonAsync()).GetProperty("choices")[0];
            JsonElement calls = choice.GetProperty("message").GetProperty("tool_calls");
            Assert.Equal(("I look it up.", "tool_calls", 2), (choice.GetProperty("message").GetProperty("content").GetString(), choice.GetProperty("finish_reason").GetString(), calls.GetArrayLength()));
            Assert.NotEqual(calls[0].GetProperty("id").GetString(), calls[1].GetProperty("id").GetString());
        }

        using HttpResponseMessage second = await gateway.PostAsync(Conversation(Called));
        using HttpResponseMessage corrected = await gateway.PostAsync(Conversation(Called.Replace("\"tool\", \"tool_call_id\": \"a\"", "\"user\"", StringComparison.Ordinal)));
        using HttpResponseMessage third = await gateway.PostAsync(Conversation(Called + """, { "role": "assistant", "content": "It is sunny." }, { "role": "user", "content": "Thanks" }"""));

        Assert.Equal("It is sunny.", (await second.JsonAsync()).Content());
        Assert.Equal("It is .", (await corrected.JsonAsync()).Content());
        Assert.StartsWith("[offline]", (await third.JsonAsync()).Content(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SeveralToolCalls_ArriveInAStream()
    {
        await using TestGateway gateway = await TestGateway.StartAsync("""
            { "scenarios": [ { "reply": { "text": "Both.", "toolCalls": [ { "name": "a", "arguments": { "x": 1 } }, { "name": "{{model}}", "arguments": "{{prompt}}" } ] } } ] }
            """);

        using HttpResponseMessage response = await gateway.PostAsync("""{ "model": "gpt-4o", "stream": true, "messages": [ { "role": "user", "content": "{}" } ] }""");
        string events = await response.Content.ReadAsStringAsync();

        Assert.Contains("\"index\":1,\"id\":", events, StringComparison.Ordinal);
        Assert.Contains("\"name\":\"gpt-4o\"", events, StringComparison.Ordinal);
        Assert.Contains("\"content\":\"Both\"", events, StringComparison.Ordinal);
    }

    private static string Conversation(string messages) => $$"""
        { "model": "gpt-4o", "messages": [ {{messages}} ],
          "tools": [ { "type": "function", "function": { "name": "get_weather" } }, { "type": "function", "function": { "name": "get_time" } } ] }
        """;

    [Fact]
    public async Task Failure_IsAFailedAttempt_AndTheNextIsAsked()
    {
        await using TestGateway gateway = await TestGateway.StartAsync("""
            { "scenarios": [ { "match": { "model": "gpt-4o" }, "failure": { "status": 404, "message": "No such model." } } ] }
            """);

        using HttpResponseMessage alone = await gateway.ChatAsync("gpt-4o");
        using HttpResponseMessage chain = await gateway.ChatAsync("gpt-4o,gpt-4o-mini");

        JsonElement detail = (await alone.JsonAsync()).GetProperty("error").GetProperty("details")[0];
        Assert.Equal(HttpStatusCode.InternalServerError, alone.StatusCode);
        Assert.Equal((404, "No such model.", "request_failed"), (detail.GetProperty("statusCode").GetInt32(), detail.GetProperty("message").GetString(), detail.GetProperty("type").GetString()));
        Assert.StartsWith("[offline] gpt-4o-mini", (await chain.JsonAsync()).Content(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Envelope_IsTheWholeAnswer_WordForWord()
    {
        await using TestGateway gateway = await TestGateway.StartAsync("""
            { "scenarios": [
              { "match": { "prompt": "text" }, "envelope": { "status": 401, "body": "Organization not found" } },
              { "match": { "prompt": "json" }, "envelope": { "status": 429, "body": {"error": "x"}, "contentType": "text/plain", "headers": { "Retry-After": "7" } } }
            ] }
            """);

        using HttpResponseMessage text = await gateway.ChatAsync("gpt-4o,gpt-4o-mini", "text");
        using HttpResponseMessage json = await gateway.ChatAsync("gpt-4o,gpt-4o-mini", "json");

        Assert.Equal((401, "Organization not found", "text/plain"), ((int)text.StatusCode, await text.TextAsync(), text.Content.Headers.ContentType?.MediaType));
        Assert.Equal((429, """{"error": "x"}""", "text/plain", "7"), ((int)json.StatusCode, await json.TextAsync(), json.Content.Headers.ContentType?.MediaType, json.Header("Retry-After")));
    }

    [Fact]
    public async Task LatencyAndPace_AreKept()
    {
        FakeTimeProvider time = new();
        await using TestGateway gateway = await TestGateway.StartAsync(
            """{ "scenarios": [ { "latency": "30s", "reply": { "text": "One two.", "chunkPace": "10s" } } ] }""",
            change: o => o with { TimeProvider = time });
        using HttpResponseMessage response = await gateway.ChatAsync("gpt-4o", stream: true);
        Task<List<string>> events = response.EventsAsync();
        DateTimeOffset start = time.GetUtcNow();

        while (!events.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(1);
        }

        // Half a minute to the role, ten seconds to each of three words, the end, and the usage.
        Assert.Equal(7, (await events).Count);
        Assert.True(time.GetUtcNow() - start >= TimeSpan.FromSeconds(80));
    }

    [Fact]
    public async Task CutStream_BreaksOff()
    {
        await using TestGateway gateway = await TestGateway.StartAsync("""{ "scenarios": [ { "reply": { "text": "One two three.", "cutAfterChunks": 2 } } ] }""");

        using HttpResponseMessage response = await gateway.ChatAsync("gpt-4o", stream: true);

        await Assert.ThrowsAnyAsync<Exception>(() => response.TextAsync());
    }

    [Fact]
    public async Task RegexThatTakesForever_IsAFailureThatNamesItsScenario()
    {
        await using TestGateway gateway = await TestGateway.StartAsync("""
            { "scenarios": [ { "name": "greedy", "match": { "prompt": { "regex": "^(a+)+$" } }, "reply": { "text": "x" } } ] }
            """);

        using HttpResponseMessage response = await gateway.ChatAsync("gpt-4o", new string('a', 60) + "!");

        Assert.Contains("'greedy' takes too long", await response.TextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Samples_PlayWhatTheySay()
    {
        await using TestGateway scripted = await TestGateway.StartAsync(await File.ReadAllTextAsync(Samples.PathOf("scripted.json")));
        await using TestGateway faults = await TestGateway.StartAsync(await File.ReadAllTextAsync(Samples.PathOf("faults.json")));

        using HttpResponseMessage lookedUp = await scripted.ChatAsync("gpt-4o", "What is the weather in Paris?");
        using HttpResponseMessage told = await scripted.ChatAsync("gpt-4o", "What is the weather in Paris?");
        using HttpResponseMessage tested = await scripted.ChatAsync("gpt-4o", "Is it good?", headers: HeaderSet.Of("Helicone-Property-Environment: testing"));
        using HttpResponseMessage greeted = await scripted.ChatAsync("gpt-4o", "Hello!", headers: HeaderSet.Of("Helicone-User-Id: Ada"));
        Assert.Contains("\\\"city\\\": \\\"Paris\\\"", await lookedUp.TextAsync(), StringComparison.Ordinal);
        Assert.Equal("Sunny, 21 degrees.", (await told.JsonAsync()).Content());
        Assert.Equal("PASS", (await tested.JsonAsync()).Content());
        Assert.Equal("Hello Ada, this is call 1 to gpt-4o.", (await greeted.JsonAsync()).Content());

        List<int> statuses = [];
        for (int i = 0; i < 3; i++)
        {
            using HttpResponseMessage response = await faults.ChatAsync("gpt-4o", "Hi");
            statuses.Add((int)response.StatusCode);
        }

        using HttpResponseMessage flood = await faults.ChatAsync("gpt-4o-mini", "flood");
        using HttpResponseMessage locked = await faults.ChatAsync("gpt-4o-mini", "locked out");
        using HttpResponseMessage story = await faults.ChatAsync("gpt-4o-mini", "a story", stream: true);
        Assert.Equal([500, 500, 200], statuses);
        Assert.Equal((429, "2"), ((int)flood.StatusCode, flood.Header("Retry-After")));
        Assert.Equal((401, "Invalid Helicone API key"), ((int)locked.StatusCode, await locked.TextAsync()));
        await Assert.ThrowsAnyAsync<Exception>(() => story.TextAsync());
    }
}
