using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Text.Json;
using System.Threading.Tasks;
using Helicone.LocalGateway.Tests.Hosting;
using Helicone.Offline;
using Helicone.Offline.Errors;
using Microsoft.Extensions.Time.Testing;

namespace Helicone.LocalGateway.Tests.Offline;

public sealed class OfflineProviderTests
{
    private const string Tools = """
        "tools":[
          {"type":"function","function":{"name":"get_time","parameters":{"type":"object","properties":{}}}},
          {"type":"function","function":{"name":"get_weather","parameters":{"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer","minimum":1}},"required":["city"]}}}]
        """;

    [Theory]
    [InlineData("gpt-4o-mini")]
    [InlineData("gpt-4o-mini/offline")]
    [InlineData("no-such-model/offline")]
    public async Task Chat_WithNothingConfigured_IsAnsweredAndSaysByWhom(string model)
    {
        await using TestGateway gateway = await TestGateway.StartAsync();

        using HttpResponseMessage response = await gateway.ChatAsync(model, "Why is the sky blue?");

        JsonElement completion = await response.JsonAsync();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("offline", response.Header("helicone-provider"));
        Assert.Equal("success", response.Header("Helicone-Status"));
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.StartsWith($"[offline] {model.Split('/')[0]} heard: \"Why is the sky blue?\"", completion.Content(), StringComparison.Ordinal);
        Assert.Equal(model.Split('/')[0], completion.GetProperty("model").GetString());
        Assert.Equal("chat.completion", completion.GetProperty("object").GetString());
        Assert.Equal("stop", completion.GetProperty("choices")[0].GetProperty("finish_reason").GetString());
    }

    [Fact]
    public async Task SameQuestion_GetsTheSameAnswer()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();

        using HttpResponseMessage first = await gateway.ChatAsync("gpt-4o");
        using HttpResponseMessage second = await gateway.ChatAsync("gpt-4o");

        Assert.Equal((await first.JsonAsync()).Content(), (await second.JsonAsync()).Content());
    }

    [Fact]
    public async Task LastUserMessage_IsTheOneThatIsHeard()
    {
        JsonElement completion = await CompleteAsync("""
            {"model":"gpt-4o","messages":[
              {"role":"system","content":"Be brief."},
              {"role":"user","content":"First."},
              {"role":"assistant","content":"Yes?"},
              {"role":"user","content":[{"type":"text","text":"Second,"},{"type":"image_url","image_url":{"url":"data:,"}},{"type":"text","text":"in parts."}]},
              {"role":"tool","content":"42"}]}
            """);

        Assert.StartsWith("[offline] gpt-4o heard: \"Second, in parts.\"", completion.Content(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_ComesLikeTheRealThing()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();

        using HttpResponseMessage whole = await gateway.ChatAsync("gpt-4o");
        using HttpResponseMessage streamed = await gateway.ChatAsync("gpt-4o", stream: true);

        JsonElement completion = await whole.JsonAsync();
        List<string> events = await streamed.EventsAsync();
        JsonElement[] chunks = [.. events.SkipLast(1).Select(e => JsonDocument.Parse(e).RootElement)];
        JsonElement[] deltas = [.. chunks.SkipLast(1).Select(c => c.GetProperty("choices")[0].GetProperty("delta"))];
        Assert.Equal("[DONE]", events[^1]);
        Assert.Equal("""{"role":"assistant","content":""}""", deltas[0].GetRawText());
        Assert.Equal("{}", deltas[^1].GetRawText());
        Assert.Equal("stop", chunks[^2].GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        Assert.Equal(completion.Content(), string.Concat(deltas.SkipLast(1).Select(d => d.GetProperty("content").GetString())));
        Assert.True(deltas.Length > 10);
        Assert.Equal(0, chunks[^1].GetProperty("choices").GetArrayLength());
        Assert.Equal(completion.GetProperty("usage").GetRawText(), chunks[^1].GetProperty("usage").GetRawText());
        Assert.All(chunks, c => Assert.Equal("chat.completion.chunk", c.GetProperty("object").GetString()));
        Assert.Single(chunks.Select(c => c.GetProperty("id").GetString()).Distinct());
    }

    [Fact]
    public async Task Usage_CountsPromptAndAnswer()
    {
        JsonElement small = (await CompleteAsync("""{"model":"gpt-4o","messages":[{"role":"user","content":"Hi"}]}""")).GetProperty("usage");
        JsonElement large = (await CompleteAsync("""{"model":"gpt-4o","messages":[{"role":"system","content":"Answer in one word, please."},{"role":"user","content":"Hi"}]}""")).GetProperty("usage");

        Assert.True(large.GetProperty("prompt_tokens").GetInt32() > small.GetProperty("prompt_tokens").GetInt32());
        Assert.Equal(small.GetProperty("prompt_tokens").GetInt32() + small.GetProperty("completion_tokens").GetInt32(), small.GetProperty("total_tokens").GetInt32());
        Assert.Equal(0, small.GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32());
    }

    [Theory]
    [InlineData("max_tokens")]
    [InlineData("max_completion_tokens")]
    public async Task Limit_CutsTheAnswerAndSaysSo(string field)
    {
        JsonElement completion = await CompleteAsync($$"""{"model":"gpt-4o","{{field}}":5,"messages":[{"role":"user","content":"Hi"}]}""");

        Assert.Equal("length", completion.GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        Assert.Equal(5, completion.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
        Assert.Equal("[offline] gpt-", completion.Content());
    }

    [Fact]
    public async Task Stop_EndsTheAnswerBeforeIt()
    {
        JsonElement completion = await CompleteAsync("""{"model":"gpt-4o","stop":["nowhere"," heard"],"messages":[{"role":"user","content":"Hi"}]}""");

        Assert.Equal("[offline] gpt-4o", completion.Content());
    }

    [Fact]
    public async Task Choices_AreAsManyAsWanted()
    {
        JsonElement completion = await CompleteAsync("""{"model":"gpt-4o","n":3,"messages":[{"role":"user","content":"Hi"}]}""");

        Assert.Equal([0, 1, 2], completion.GetProperty("choices").EnumerateArray().Select(c => c.GetProperty("index").GetInt32()));
    }

    [Fact]
    public async Task JsonObject_IsJsonThatSaysItIsOffline()
    {
        JsonElement completion = await CompleteAsync("""{"model":"gpt-4o","response_format":{"type":"json_object"},"messages":[{"role":"user","content":"Give me \"JSON\""}]}""");

        using JsonDocument content = JsonDocument.Parse(completion.Content());
        Assert.True(content.RootElement.GetProperty("offline").GetBoolean());
        Assert.Equal("Give me \"JSON\"", content.RootElement.GetProperty("heard").GetString());
    }

    [Fact]
    public async Task JsonSchema_GetsAValueOfIt()
    {
        JsonElement completion = await CompleteAsync("""
            {"model":"gpt-4o","messages":[{"role":"user","content":"Triage."}],"response_format":{"type":"json_schema","json_schema":{"name":"triage","strict":true,"schema":{
              "type":"object","additionalProperties":false,"required":["severity","summary","steps","host","count","ok"],
              "properties":{
                "severity":{"enum":["low","high"]},
                "summary":{"type":["string","null"]},
                "steps":{"type":"array","minItems":2,"items":{"$ref":"#/$defs/step"}},
                "host":{"anyOf":[{"type":"string"},{"type":"null"}]},
                "count":{"type":"integer","minimum":3},
                "ok":{"type":"boolean"},
                "parent":{"$ref":"#"}},
              "$defs":{"step":{"type":"object","properties":{"text":{"type":"string"}}}}}}}}
            """);

        using JsonDocument content = JsonDocument.Parse(completion.Content());
        JsonElement root = content.RootElement;
        Assert.Equal("low", root.GetProperty("severity").GetString());
        Assert.Equal("[offline]", root.GetProperty("summary").GetString());
        Assert.Equal("[offline]", root.GetProperty("steps")[1].GetProperty("text").GetString());
        Assert.Equal("[offline]", root.GetProperty("host").GetString());
        Assert.Equal(3, root.GetProperty("count").GetInt32());
        Assert.False(root.GetProperty("ok").GetBoolean());

        // It would need another parent, and so on without an end.
        Assert.False(root.TryGetProperty("parent", out _));
    }

    [Theory]
    [InlineData("\"required\"", "get_time", "{}")]
    [InlineData("{\"type\":\"function\",\"function\":{\"name\":\"get_weather\"}}", "get_weather", """{"city":"[offline]","days":1}""")]
    public async Task WantedTool_IsCalled(string choice, string name, string arguments)
    {
        string body = $$"""{"model":"gpt-4o","messages":[{"role":"user","content":"Weather?"}],"tool_choice":{{choice}},{{Tools}} }""";
        JsonElement completion = await CompleteAsync(body);

        JsonElement only = completion.GetProperty("choices")[0];
        JsonElement call = only.GetProperty("message").GetProperty("tool_calls")[0];
        Assert.Equal("tool_calls", only.GetProperty("finish_reason").GetString());
        Assert.Equal(JsonValueKind.Null, only.GetProperty("message").GetProperty("content").ValueKind);
        Assert.Equal(("function", name, arguments), (call.GetProperty("type").GetString(), call.GetProperty("function").GetProperty("name").GetString(), call.GetProperty("function").GetProperty("arguments").GetString()));

        await using TestGateway gateway = await TestGateway.StartAsync();
        using HttpResponseMessage response = await gateway.PostAsync(body.Replace("{\"model\"", "{\"stream\":true,\"model\"", StringComparison.Ordinal));
        JsonElement[] calls = (await response.EventsAsync()).SkipLast(2)
            .Select(e => JsonDocument.Parse(e).RootElement.GetProperty("choices")[0].GetProperty("delta"))
            .Where(d => d.TryGetProperty("tool_calls", out _))
            .Select(d => d.GetProperty("tool_calls")[0])
            .ToArray();
        Assert.Equal(name, calls[0].GetProperty("function").GetProperty("name").GetString());
        Assert.Equal(arguments, string.Concat(calls.Select(c => c.GetProperty("function").GetProperty("arguments").GetString())));
    }

    [Theory]
    [InlineData("\"auto\"")]
    [InlineData("\"none\"")]
    [InlineData("{\"type\":\"function\",\"function\":{\"name\":\"unknown\"}}")]
    public async Task ToolThatNobodyInsistsOn_IsNotCalled(string choice)
    {
        JsonElement completion = await CompleteAsync($$"""{"model":"gpt-4o","messages":[{"role":"user","content":"Weather?"}],"tool_choice":{{choice}},{{Tools}} }""");

        Assert.StartsWith("[offline]", completion.Content(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"model":"gpt-4o"}""")]
    [InlineData("""{"model":"gpt-4o","messages":"Hi"}""")]
    public async Task BodyWithoutMessages_IsAnInvalidFormat(string body)
    {
        await using TestGateway gateway = await TestGateway.StartAsync();

        using HttpResponseMessage response = await gateway.PostAsync(body);

        JsonElement error = (await response.JsonAsync()).GetProperty("error");
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("invalid_format", error.GetProperty("details")[0].GetProperty("type").GetString());
        Assert.StartsWith("messages: ", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"model":"gpt-4o","messages":[]}""")]
    [InlineData("""{"model":"gpt-4o","messages":[7,null,{"role":7},{"role":"user","content":[7,{"text":7}]}],"stop":7,"tools":7,"tool_choice":[],"response_format":[],"n":"x","max_tokens":"x"}""")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"user","content":"\ud83d"}]}""")]
    public async Task StrangeBody_NeverBreaksTheGateway(string body)
    {
        await using TestGateway gateway = await TestGateway.StartAsync();

        using HttpResponseMessage response = await gateway.PostAsync(body);

        Assert.True(response.StatusCode is HttpStatusCode.OK or HttpStatusCode.BadRequest, await response.TextAsync());
    }

    [Fact]
    public async Task Script_DecidesWhatIsSaidAndFails()
    {
        await using TestGateway gateway = await TestGateway.StartAsync(change: o => o with
        {
            OfflineScript = request => request.Heard switch
            {
                "Fail." => new OfflineReply { Failure = new AttemptError(AttemptErrorType.RequestFailed, "Scripted.", 503) },
                "Cut." => new OfflineReply { Content = "One two three.", CutAfterChunks = 3 },
                "Say." => new OfflineReply { Content = "Scripted.", FinishReason = "content_filter" },
                _ => null,
            },
        });

        using HttpResponseMessage failed = await gateway.ChatAsync("gpt-4o", "Fail.");
        using HttpResponseMessage cut = await gateway.ChatAsync("gpt-4o", "Cut.", stream: true);
        using HttpResponseMessage said = await gateway.ChatAsync("gpt-4o", "Say.");
        using HttpResponseMessage other = await gateway.ChatAsync("gpt-4o", "Else.");

        JsonElement detail = (await failed.JsonAsync()).GetProperty("error").GetProperty("details")[0];
        Assert.Equal((503, "gpt-4o/offline/ptb"), (detail.GetProperty("statusCode").GetInt32(), detail.GetProperty("source").GetString()));
        using StreamReader reader = new(await cut.Content.ReadAsStreamAsync());
        Assert.Contains("\"assistant\"", await reader.ReadLineAsync(), StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<IOException>(() => reader.ReadToEndAsync());
        Assert.Equal("Scripted.", (await said.JsonAsync()).Content());
        Assert.Equal("content_filter", (await said.JsonAsync()).GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        Assert.StartsWith("[offline]", (await other.JsonAsync()).Content(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Script_PacesTheStream()
    {
        FakeTimeProvider time = new();
        await using TestGateway gateway = await TestGateway.StartAsync(change: o => o with
        {
            TimeProvider = time,
            OfflineScript = _ => new OfflineReply { Content = "One two.", Latency = TimeSpan.FromSeconds(30), ChunkPace = TimeSpan.FromSeconds(10) },
        });

        using HttpResponseMessage response = await gateway.ChatAsync("gpt-4o", stream: true);
        Task<List<string>> events = response.EventsAsync();
        Assert.False(events.IsCompleted);
        while (!events.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(10));
            await Task.Yield();
        }

        Assert.Equal("[DONE]", (await events)[^1]);
    }

    [Theory]
    [InlineData("Hello, world!", 4)]
    [InlineData("deterministically", 3)]
    [InlineData("日本語", 3)]
    [InlineData("🌊🌊", 2)]
    [InlineData("  \n", 1)]
    [InlineData("", 0)]
    public void Tokens_AreCountedAndAddUpToTheText(string text, int count)
    {
        Assert.Equal(count, OfflineTokens.Count(text));
        Assert.Equal(text, string.Concat(OfflineTokens.Split(text)));
    }

    private static async Task<JsonElement> CompleteAsync(string body)
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        using HttpResponseMessage response = await gateway.PostAsync(body);
        response.EnsureSuccessStatusCode();
        return await response.JsonAsync();
    }

    [Theory]
    [InlineData("""{"offline":{"prices":true}}""", true)]
    [InlineData("""{"offline":{}}""", false)]
    [InlineData("{}", false)]
    public async Task Prices_AreChargedOnlyWhereTheConfigurationAsksForThem(string configuration, bool charges)
    {
        await using TestGateway gateway = await TestGateway.StartAsync(configuration);

        using JsonDocument whole = JsonDocument.Parse(await (await gateway.PostAsync("""{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Hi"}]}""")).Content.ReadAsStringAsync());
        string stream = await (await gateway.PostAsync("""{"model":"gpt-4o-mini","stream":true,"messages":[{"role":"user","content":"Hi"}]}""")).Content.ReadAsStringAsync();

        JsonElement usage = whole.RootElement.GetProperty("usage");
        Assert.Equal(charges, usage.TryGetProperty("cost", out JsonElement cost));
        Assert.Equal(charges, stream.Contains("\"cost\":0.0000", StringComparison.Ordinal));
        if (charges)
        {
            // $0.15 and $0.60 for a million tokens each way.
            Assert.Equal(((usage.GetProperty("prompt_tokens").GetInt64() * 0.15m) + (usage.GetProperty("completion_tokens").GetInt64() * 0.6m)) / 1_000_000, cost.GetDecimal());
        }
    }
}
