using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Http;
using System.Text.Json;
using System.Threading.Tasks;
using Helicone.LocalGateway.Tests.Hosting;

namespace Helicone.LocalGateway.Tests.Providers;

public sealed class ForwardingTests
{
    [Fact]
    public async Task Request_LosesWhatIsHeliconesAndKeepsTheRest()
    {
        await using FakeUpstream upstream = await FakeUpstream.AnsweringAsync("Yes.");
        await using TestGateway gateway = await TestGateway.StartAsync(
            $$"""{ "providers": [ { "name": "work", "baseUrl": "{{upstream.BaseUrl}}/", "apiKeyVariable": "WORK_KEY" } ] }""",
            new Dictionary<string, string> { ["WORK_KEY"] = " work-secret \n" });
        Dictionary<string, string> headers = new()
        {
            ["Helicone-Session-Id"] = "s-1",
            ["helicone-property-Team"] = "ops",
            ["HELICONE-User-Id"] = "u-1",
            ["x-api-key"] = "client-secret",
            ["Cookie"] = "c=1",
            ["Accept-Encoding"] = "gzip",
            ["OpenAI-Organization"] = "org-1",
            ["X-Mine"] = "kept",
        };

        using HttpResponseMessage response = await gateway.ChatAsync("m/work", headers: headers);

        ReceivedRequest received = Assert.Single(upstream.Received);
        Assert.Equal("/v1/chat/completions", received.Path);
        Assert.Equal("Bearer work-secret", received.Headers["Authorization"]);
        Assert.Equal("application/json", received.Headers["Content-Type"]);
        Assert.Equal("org-1", received.Headers["OpenAI-Organization"]);
        Assert.Equal("kept", received.Headers["X-Mine"]);
        Assert.DoesNotContain(received.Headers.Keys, k => k.StartsWith("helicone", StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(received.Headers.Keys, k => k is "x-api-key" or "Cookie" or "Accept-Encoding" or "traceparent");
        Assert.DoesNotContain(received.Headers.Values, v => v.Contains(gateway.Key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Keyless_SendsNoAuthorization()
    {
        await using FakeUpstream upstream = await FakeUpstream.AnsweringAsync("Yes.");
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", upstream.BaseUrl)));

        using HttpResponseMessage response = await gateway.ChatAsync("m/one");

        Assert.False(Assert.Single(upstream.Received).Headers.ContainsKey("Authorization"));
    }

    [Fact]
    public async Task Body_IsTheClientsOwnButForTheModel()
    {
        const string Rest = "\"temperature\": 1.50, \"big\":12345678901234567890123, \"unknown\": {\"deep\":[null,{\"é\":\"\\u00e9\"}]},\"messages\":[ ]";

        JsonElement body = await ForwardAsync($$"""{ "model":"m/one", {{Rest}} }""", expected: sent =>
            Assert.Equal($$"""{"model":"m",{{Rest.Replace(", \"", ",\"", StringComparison.Ordinal)}}}""", sent));

        Assert.Equal("m", body.GetProperty("model").GetString());
    }

    [Theory]
    [InlineData("""{"model":"m/one","stream":true}""", """{"include_usage":true}""")]
    [InlineData("""{"model":"m/one","stream":true,"stream_options":null}""", """{"include_usage":true}""")]
    [InlineData("""{"model":"m/one","stream":true,"stream_options":{"include_usage":false,"x":[1]}}""", """{"include_usage":false,"x":[1]}""")]
    [InlineData("""{"model":"m/one","stream":true,"stream_options":{"include_usage":null,"x":[1]}}""", """{"include_usage":true,"x":[1]}""")]
    [InlineData("""{"stream_options":{"y":{"include_usage":false}},"stream":true,"model":"m/one"}""", """{"include_usage":true,"y":{"include_usage":false}}""")]
    [InlineData("""{"model":"m/one","stream":false,"stream_options":{"x":1}}""", """{"x":1}""")]
    [InlineData("""{"model":"m/one","stream":"true"}""", null)]
    public async Task Usage_IsAskedForOnStreams_UnlessTheClientSaysWhetherItWantsIt(string body, string? streamOptions)
    {
        JsonElement forwarded = await ForwardAsync(body);

        Assert.Equal(streamOptions, forwarded.TryGetProperty("stream_options", out JsonElement options) ? options.GetRawText() : null);
    }

    [Theory]
    [InlineData("one", "m/one", false)]
    [InlineData("one", "claude-x/one", true)]
    [InlineData("one", "gemini-x/one", true)]
    public async Task FieldsThatOnlySomeProvidersKnow_AreLeftOutForOthers(string provider, string model, bool keepsReasoningOptions)
    {
        JsonElement forwarded = await ForwardAsync($$"""{"model":"{{model}}","plugins":[{"id":"web"}],"reasoning_options":{"budget_tokens":1},"context_editing":{"enabled":true},"seed":1}""", provider);

        Assert.False(forwarded.TryGetProperty("plugins", out _));
        Assert.False(forwarded.TryGetProperty("context_editing", out _));
        Assert.Equal(keepsReasoningOptions, forwarded.TryGetProperty("reasoning_options", out _));
        Assert.Equal(1, forwarded.GetProperty("seed").GetInt32());
    }

    [Fact]
    public async Task Online_IsNoPartOfTheModelsName()
    {
        JsonElement forwarded = await ForwardAsync("""{"model":"m:online/one"}""");

        Assert.Equal("m", forwarded.GetProperty("model").GetString());
    }

    [Fact]
    public async Task Answer_BringsTheProvidersOwnRequestIdAndLimits()
    {
        await using FakeUpstream upstream = await FakeUpstream.StartAsync(context =>
        {
            context.Response.Headers["x-request-id"] = "req-1";
            context.Response.Headers["x-ratelimit-remaining-requests"] = "9";
            context.Response.Headers["Set-Cookie"] = "c=1";
            context.Response.Headers["helicone-id"] = "spoofed";
            return FakeUpstream.WriteJsonAsync(context, 200, """{"choices":[{"message":{}}]}""");
        });
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", upstream.BaseUrl)));

        using HttpResponseMessage response = await gateway.ChatAsync("m/one");

        Assert.Equal("req-1", response.Header("x-request-id"));
        Assert.Equal("9", response.Header("x-ratelimit-remaining-requests"));
        Assert.Null(response.Header("Set-Cookie"));
        Assert.NotEqual("spoofed", response.Header("Helicone-Id"));
        Assert.Equal("""{"choices":[{"message":{}}]}""", await response.TextAsync());
    }

    [Fact]
    public async Task HeadersThatAreNotAscii_FailNoCall()
    {
        await using FakeUpstream upstream = await FakeUpstream.AnsweringAsync("Yes.");
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", upstream.BaseUrl)));
        const string Body = """{"model":"m/one"}""";

        string answer = await gateway.SendRawAsync($"POST / HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {gateway.Key}\r\nX-Mine: Zoë\r\nConnection: close\r\nContent-Length: {Body.Length}\r\n\r\n{Body}");

        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        Assert.Equal("Zoë", Assert.Single(upstream.Received).Headers["X-Mine"]);
    }

    [Fact]
    public async Task Redirect_IsNotFollowed()
    {
        await using FakeUpstream elsewhere = await FakeUpstream.AnsweringAsync("Stolen.");
        await using FakeUpstream redirecting = await FakeUpstream.StartAsync(context =>
        {
            context.Response.StatusCode = 307;
            context.Response.Headers.Location = elsewhere.BaseUrl;
            return Task.CompletedTask;
        });
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", redirecting.BaseUrl)));

        using HttpResponseMessage response = await gateway.ChatAsync("m/one");

        Assert.Equal(307, (await response.JsonAsync()).GetProperty("error").GetProperty("details")[0].GetProperty("statusCode").GetInt32());
        Assert.Empty(elsewhere.Received);
    }

    [Fact]
    public async Task ProviderKey_QuotedByItsProvider_IsBlottedOut()
    {
        const string Secret = "sk-work-very-secret-4711";
        await using FakeUpstream refusing = await FakeUpstream.RefusingAsync(401, $"Incorrect API key provided: {Secret}.");
        await using TestGateway gateway = await TestGateway.StartAsync(
            $$"""{ "providers": [ { "name": "work", "baseUrl": "{{refusing.BaseUrl}}", "apiKeyVariable": "WORK_KEY" } ] }""",
            new Dictionary<string, string> { ["WORK_KEY"] = Secret });

        using HttpResponseMessage response = await gateway.ChatAsync("m/work");

        string answer = response + await response.TextAsync();
        Assert.Contains("Incorrect API key provided: [redacted].", answer, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, answer, StringComparison.Ordinal);
        Assert.Equal("Bearer " + Secret, Assert.Single(refusing.Received).Headers["Authorization"]);
    }

    private static async Task<JsonElement> ForwardAsync(string body, string provider = "one", Action<string>? expected = null)
    {
        await using FakeUpstream upstream = await FakeUpstream.AnsweringAsync("Yes.");
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers((provider, upstream.BaseUrl)));

        using HttpResponseMessage response = await gateway.PostAsync(body);

        response.EnsureSuccessStatusCode();
        ReceivedRequest received = Assert.Single(upstream.Received);
        expected?.Invoke(received.Body);
        return received.Json;
    }
}
