using System.Collections.Generic;
using System.Linq;
using System.Net.Http;
using System.Text.Json;
using System.Threading.Tasks;
using Helicone.LocalGateway.Tests.Hosting;

namespace Helicone.LocalGateway.Tests.Providers;

public sealed class DialectTests
{
    private const string Everything = """
        ,"stream":true,"stream_options":{"include_usage":true},"max_completion_tokens":9,"seed":7,"store":false,"metadata":{"a":"b"},"user":"u",
        "prompt_cache_key":"k","logit_bias":{"1":2},"messages":[]}
        """;

    [Theory]
    [InlineData("openai", "OPENAI_API_KEY", "stream stream_options max_completion_tokens seed store metadata user prompt_cache_key logit_bias messages")]
    [InlineData("mistral", "MISTRAL_API_KEY", "stream max_tokens random_seed logit_bias messages")]
    [InlineData("google-ai-studio", "GEMINI_API_KEY", "stream stream_options max_completion_tokens seed logit_bias messages")]
    [InlineData("deepseek", "DEEPSEEK_API_KEY", "stream stream_options max_tokens seed store metadata user prompt_cache_key logit_bias messages")]
    [InlineData("perplexity", "PERPLEXITY_API_KEY", "stream max_tokens seed logit_bias messages")]
    [InlineData("groq", "GROQ_API_KEY", "stream stream_options max_completion_tokens seed user logit_bias messages")]
    public async Task Body_IsInTheProvidersDialect(string provider, string variable, string fields)
    {
        JsonElement sent = await ForwardAsync(provider, variable, $$"""{"model":"m/{{provider}}"{{Everything}}""");

        Assert.Equal(fields.Split(' '), sent.EnumerateObject().Select(p => p.Name).Where(n => n != "model").OrderBy(n => Everything.IndexOf($"\"{Original(n)}\"", System.StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Rename_KeepsTheValue_AndNeverWritesAFieldTwice()
    {
        JsonElement renamed = await ForwardAsync("mistral", "MISTRAL_API_KEY", """{"model":"m/mistral","max\u005fcompletion_tokens":9,"messages":[]}""");
        JsonElement both = await ForwardAsync("mistral", "MISTRAL_API_KEY", """{"model":"m/mistral","max_completion_tokens":9,"max_tokens":5,"messages":[]}""");

        Assert.Equal(9, renamed.GetProperty("max_tokens").GetInt32());
        Assert.Equal(["model", "max_tokens", "messages"], both.EnumerateObject().Select(p => p.Name));
        Assert.Equal(5, both.GetProperty("max_tokens").GetInt32());
    }

    [Fact]
    public async Task StreamOptions_AreLeftOutWhereGatewayJsonSaysSo()
    {
        await using FakeUpstream upstream = await FakeUpstream.AnsweringAsync("Yes.");
        await using TestGateway gateway = await TestGateway.StartAsync($$"""{ "providers": [ { "name": "work", "baseUrl": "{{upstream.BaseUrl}}", "streamOptions": false } ] }""");

        using HttpResponseMessage response = await gateway.ChatAsync("m/work", stream: true);

        Assert.False(Assert.Single(upstream.Received).Json.TryGetProperty("stream_options", out _));
    }

    [Fact]
    public async Task NoMapping_GoesToAnthropicsOwnApi_WithItsOwnHeaders()
    {
        const string Body = """{"model":"claude-sonnet-4/anthropic","max_tokens":9,"system":"Be brief.","messages":[{"role":"user","content":"Hi"}]}""";
        const string Answer = """{"type":"message","model":"claude-sonnet-4","content":[{"type":"text","text":"Hello."}],"stop_reason":"end_turn","usage":{"input_tokens":3,"output_tokens":2}}""";
        await using FakeUpstream upstream = await FakeUpstream.StartAsync(context => FakeUpstream.WriteJsonAsync(context, 200, Answer));
        await using TestGateway gateway = await TestGateway.StartAsync(
            GatewayJsonText.Providers(("anthropic", upstream.BaseUrl)),
            new Dictionary<string, string> { ["ANTHROPIC_API_KEY"] = "sk-ant-0815" });

        using HttpResponseMessage response = await gateway.PostAsync(Body, new Dictionary<string, string> { ["Helicone-Gateway-Body-Mapping"] = "NO_MAPPING" }, "v1/messages");

        ReceivedRequest received = Assert.Single(upstream.Received);
        Assert.Equal(Answer, await response.TextAsync());
        Assert.Equal("/v1/messages", received.Path);
        Assert.Equal("sk-ant-0815", received.Headers["x-api-key"]);
        Assert.Equal("2023-06-01", received.Headers["anthropic-version"]);
        Assert.False(received.Headers.ContainsKey("Authorization"));
        Assert.Equal("Be brief.", received.Json.GetProperty("system").GetString());
    }

    private static string Original(string name) => name switch { "max_tokens" => "max_completion_tokens", "random_seed" => "seed", _ => name };

    private static async Task<JsonElement> ForwardAsync(string provider, string variable, string body)
    {
        await using FakeUpstream upstream = await FakeUpstream.AnsweringAsync("Yes.");
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers((provider, upstream.BaseUrl)), new Dictionary<string, string> { [variable] = "key-0815-4711" });

        using HttpResponseMessage response = await gateway.PostAsync(body);

        response.EnsureSuccessStatusCode();
        return Assert.Single(upstream.Received).Json;
    }
}
