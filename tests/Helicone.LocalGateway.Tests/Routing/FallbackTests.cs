using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Text.Json;
using System.Threading.Tasks;
using Helicone.LocalGateway.Tests.Hosting;
using Microsoft.AspNetCore.Http;

namespace Helicone.LocalGateway.Tests.Routing;

public sealed class FallbackTests
{
    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(404)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(302)]
    public async Task Fallback_FirstProviderFails_SecondAnswers(int status)
    {
        await using FakeUpstream failing = await FakeUpstream.RefusingAsync(status, "No.");
        await using FakeUpstream working = await FakeUpstream.AnsweringAsync("Yes.");
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", failing.BaseUrl), ("two", working.BaseUrl)));

        using HttpResponseMessage response = await gateway.ChatAsync("some-model/one,some-model/two");

        Assert.Equal("Yes.", (await response.JsonAsync()).Content());
        Assert.Equal("two", response.Header("helicone-provider"));
        Assert.Single(failing.Received);
    }

    [Theory]
    [InlineData("gpt-4o,claude-sonnet-4", "openai")]
    [InlineData("claude-sonnet-4,gpt-4o", "openai")]
    [InlineData("claude-sonnet-4/offline,gpt-4o", "offline")]
    [InlineData("gpt-4o/offline,gpt-4o", "offline")]
    [InlineData("claude-sonnet-4,!openai,gpt-4o", null)]
    [InlineData("claude-sonnet-4", null)]
    [InlineData("claude-sonnet-4/anthropic,grok-4", null)]
    public async Task Offline_AnswersOnlyByNameOnceAnyProviderIsConfigured(string models, string? answering)
    {
        await using FakeUpstream openai = await FakeUpstream.AnsweringAsync("Real.");
        await using TestGateway gateway = await TestGateway.StartAsync(
            $$"""{ "providers": [ { "name": "openai", "baseUrl": "{{openai.BaseUrl}}" } ] }""",
            new Dictionary<string, string> { ["OPENAI_API_KEY"] = "sk-test-0815-4711" });

        using HttpResponseMessage response = await gateway.ChatAsync(models);

        Assert.Equal(answering, response.Header("helicone-provider"));
        Assert.Equal(answering is not null, response.IsSuccessStatusCode);
    }

    [Fact]
    public async Task ModelWhoseProvidersHaveNoKey_IsAnErrorThatNamesTheVariables()
    {
        await using TestGateway gateway = await TestGateway.StartAsync(environment: new Dictionary<string, string> { ["MISTRAL_API_KEY"] = "mistral-0815-4711" });

        using HttpResponseMessage response = await gateway.ChatAsync("gpt-4o");

        JsonElement error = (await response.JsonAsync()).GetProperty("error");
        JsonElement detail = Assert.Single(error.GetProperty("details").EnumerateArray());
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal(("missing_provider_key", 400, "gpt-4o/openai/byok"), (detail.GetProperty("type").GetString(), detail.GetProperty("statusCode").GetInt32(), detail.GetProperty("source").GetString()));
        Assert.Contains("OPENAI_API_KEY or ", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("[offline]", await response.TextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ConfiguredProviderWhoseKeyIsGone_IsAnErrorThatNamesItsVariable()
    {
        await using TestGateway gateway = await TestGateway.StartAsync("""
            { "providers": [ { "name": "work", "baseUrl": "https://llm.corp.example/v1", "apiKeyVariable": "WORK_KEY", "models": ["corp-chat"] } ] }
            """);

        using HttpResponseMessage its = await gateway.ChatAsync("corp-chat");
        using HttpResponseMessage named = await gateway.ChatAsync("x/work");
        using HttpResponseMessage other = await gateway.ChatAsync("gpt-4o");

        Assert.Contains("Set WORK_KEY before", await its.TextAsync(), StringComparison.Ordinal);
        Assert.Contains("Set WORK_KEY before", await named.TextAsync(), StringComparison.Ordinal);
        Assert.Contains("OPENAI_API_KEY", await other.TextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answer_AfterAFallback_SaysInAHeaderWhoFailed()
    {
        await using FakeUpstream failing = await FakeUpstream.RefusingAsync(429, "Zu viel, Zoë. " + new string('x', 500));
        await using FakeUpstream working = await FakeUpstream.AnsweringAsync("Yes.");
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", failing.BaseUrl), ("two", working.BaseUrl)));

        using HttpResponseMessage response = await gateway.ChatAsync("m/one,m/mistral,m/two");
        using HttpResponseMessage atOnce = await gateway.ChatAsync("m/two");
        using HttpResponseMessage many = await gateway.ChatAsync(string.Concat(Enumerable.Repeat("m/one,", 30)) + "m/two");

        string header = response.Header("Helicone-Failed-Attempts")!;
        using JsonDocument failed = JsonDocument.Parse(header);
        Assert.True(header.All(c => c is >= ' ' and <= '~'), header);
        Assert.Equal(
            ["m/one/byok 429 request_failed", "m/mistral/byok 400 missing_provider_key"],
            failed.RootElement.EnumerateArray().Select(a => $"{a.GetProperty("source").GetString()} {a.GetProperty("statusCode").GetInt32()} {a.GetProperty("type").GetString()}"));
        Assert.StartsWith("Zu viel, Zoë. xxx", failed.RootElement[0].GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Null(atOnce.Header("Helicone-Failed-Attempts"));
        Assert.InRange(many.Header("Helicone-Failed-Attempts")!.Length, 500, 4000);
    }

    [Theory]
    [InlineData("deepseek-r1")]
    [InlineData("kimi-k2")]
    public async Task ListedModel_IsReachedUnderItsOwnName(string model)
    {
        await using FakeUpstream work = await FakeUpstream.AnsweringAsync("Mine.");
        await using TestGateway gateway = await TestGateway.StartAsync($$"""{ "providers": [ { "name": "work", "baseUrl": "{{work.BaseUrl}}", "models": ["{{model}}"] } ] }""");

        using HttpResponseMessage response = await gateway.ChatAsync(model);
        using HttpResponseMessage named = await gateway.ChatAsync(model + "/work");

        Assert.Equal(("work", "work"), (response.Header("helicone-provider"), named.Header("helicone-provider")));
        Assert.All(work.Received, r => Assert.Equal(model, r.Json.GetProperty("model").GetString()));
    }

    [Fact]
    public async Task Offline_DoesNotCoverUpThatAProviderFailed()
    {
        await using FakeUpstream openai = await FakeUpstream.RefusingAsync(500, "Down.");
        await using TestGateway gateway = await TestGateway.StartAsync(
            $$"""{ "providers": [ { "name": "openai", "baseUrl": "{{openai.BaseUrl}}" } ] }""",
            new Dictionary<string, string> { ["OPENAI_API_KEY"] = "sk-test-0815-4711" });

        using HttpResponseMessage response = await gateway.ChatAsync("gpt-4o,claude-sonnet-4");

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal("Down.", (await response.JsonAsync()).GetProperty("error").GetProperty("message").GetString());
    }

    [Fact]
    public async Task Fallback_FirstProviderCannotBeReached_SecondAnswers()
    {
        await using FakeUpstream working = await FakeUpstream.AnsweringAsync("Yes.");
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", await ClosedPortAsync()), ("two", working.BaseUrl)));

        using HttpResponseMessage response = await gateway.ChatAsync("m/one,m/two");

        Assert.Equal("two", response.Header("helicone-provider"));
    }

    [Fact]
    public async Task Fallback_WholeAnswerIsCut_SecondAnswers()
    {
        await using FakeUpstream cutting = await FakeUpstream.StartAsync(async context =>
        {
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = 1000;
            await context.Response.WriteAsync("{\"id\":");
            await context.Response.Body.FlushAsync();
            context.Abort();
        });
        await using FakeUpstream working = await FakeUpstream.AnsweringAsync("Yes.");
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", cutting.BaseUrl), ("two", working.BaseUrl)));

        using HttpResponseMessage response = await gateway.ChatAsync("m/one,m/two");

        Assert.Equal("two", response.Header("helicone-provider"));
    }

    [Fact]
    public async Task Fallback_ProviderWithoutItsKey_IsAFailedAttemptThatSaysWhatIsMissing()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();

        using HttpResponseMessage alone = await gateway.ChatAsync("gpt-4o/openai");
        using HttpResponseMessage chain = await gateway.ChatAsync("gpt-4o/openai,gpt-4o-mini/offline");

        JsonElement detail = (await alone.JsonAsync()).GetProperty("error").GetProperty("details")[0];
        Assert.Equal(HttpStatusCode.InternalServerError, alone.StatusCode);
        Assert.Equal("missing_provider_key", detail.GetProperty("type").GetString());
        Assert.Equal("gpt-4o/openai/byok", detail.GetProperty("source").GetString());
        Assert.Equal(400, detail.GetProperty("statusCode").GetInt32());
        Assert.Contains("OPENAI_API_KEY", detail.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal("offline", chain.Header("helicone-provider"));
        Assert.StartsWith("[offline] gpt-4o-mini ", (await chain.JsonAsync()).Content(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fallback_EveryoneFails_DetailsTellEachTruthInOrder()
    {
        await using FakeUpstream notFound = await FakeUpstream.RefusingAsync(404, "No such model.");
        await using FakeUpstream limited = await FakeUpstream.RefusingAsync(429, "Slow down.");
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", limited.BaseUrl), ("two", notFound.BaseUrl)));

        using HttpResponseMessage response = await gateway.ChatAsync("m/one/dep,m/one,m/two,m/bedrock");

        JsonElement envelope = await response.JsonAsync();
        JsonElement error = envelope.GetProperty("error");
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal("text/plain", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("failed", response.Header("Helicone-Status"));
        Assert.NotNull(response.Header("Helicone-Id"));
        Assert.Null(response.Header("helicone-provider"));
        Assert.False(envelope.GetProperty("success").GetBoolean());
        Assert.Equal(JsonValueKind.Null, error.GetProperty("param").ValueKind);
        Assert.Equal(
            [
                "m/one/byok/dep missing_provider_key 400",
                "m/one/byok request_failed 429",
                "m/two/byok request_failed 404",
                "m/bedrock/byok missing_provider_key 400",
            ],
            error.GetProperty("details").EnumerateArray().Select(d => $"{d.GetProperty("source").GetString()} {d.GetProperty("type").GetString()} {d.GetProperty("statusCode").GetInt32()}"));
    }

    [Theory]
    [InlineData(400, 500, "request_failed", "The provider's words")]
    [InlineData(404, 500, "request_failed", "The provider's words")]
    [InlineData(503, 500, "request_failed", "The provider's words")]
    [InlineData(401, 401, "request_failed", "Authentication failed")]
    [InlineData(403, 403, "request_failed", "The provider's words")]
    [InlineData(429, 429, "rate_limited", "Rate limited")]
    public async Task ProvidersStatus_IsFlattenedAsHeliconeDoes(int upstream, int status, string code, string message)
    {
        await using FakeUpstream failing = await FakeUpstream.RefusingAsync(upstream, "The provider's words");
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", failing.BaseUrl)));

        using HttpResponseMessage response = await gateway.ChatAsync("m/one", stream: true);

        JsonElement error = (await response.JsonAsync()).GetProperty("error");
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal((code, message), (error.GetProperty("code").GetString(), error.GetProperty("message").GetString()));
        Assert.Equal(upstream, error.GetProperty("details")[0].GetProperty("statusCode").GetInt32());
        Assert.Equal("The provider's words", error.GetProperty("details")[0].GetProperty("message").GetString());
    }

    [Theory]
    [InlineData("{\"error\":\"In a string\"}", "In a string")]
    [InlineData("{\"message\":\"At the top\"}", "At the top")]
    [InlineData("[{\"error\":{\"message\":\"In an array\"}}]", "In an array")]
    [InlineData("{\"error\":{}}", "Request failed with status 502")]
    [InlineData("<html>Bad gateway</html>", "Request failed with status 502")]
    [InlineData("", "Request failed with status 502")]
    public async Task ProvidersError_IsReadInWhateverShape(string body, string message)
    {
        await using FakeUpstream failing = await FakeUpstream.StartAsync(context => FakeUpstream.WriteJsonAsync(context, 502, body));
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", failing.BaseUrl)));

        using HttpResponseMessage response = await gateway.ChatAsync("m/one");

        Assert.Equal(message, (await response.JsonAsync()).GetProperty("error").GetProperty("message").GetString());
    }

    [Theory]
    [InlineData("no-such-model")]
    [InlineData("helicone/gpt-4o")]
    [InlineData("gpt-4o/no-such-provider")]
    [InlineData("gpt-4o,!offline")]
    [InlineData("gpt-4o/openai,!openai")]
    [InlineData("!openai")]
    [InlineData(",")]
    public async Task NobodyLeftToAsk_SaysSo(string model)
    {
        await using TestGateway gateway = await TestGateway.StartAsync();

        using HttpResponseMessage response = await gateway.ChatAsync(model);

        JsonElement error = (await response.JsonAsync()).GetProperty("error");
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.StartsWith("No available providers for the requested models.", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(400, error.GetProperty("details")[0].GetProperty("statusCode").GetInt32());
    }

    [Theory]
    [InlineData("gpt-4o,!", "Invalid global ignore syntax. Use !provider (e.g., !openai)")]
    [InlineData("gpt-4o,!nobody", "Invalid provider in global ignore list: nobody. See supported providers at https://helicone.ai/models")]
    public async Task Exclusion_OfNobody_IsAPlainText400(string model, string text)
    {
        await using TestGateway gateway = await TestGateway.StartAsync();

        using HttpResponseMessage response = await gateway.ChatAsync(model);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(text, await response.TextAsync());
    }

    [Fact]
    public async Task WithoutAProvider_PriorityAndThenPriceDecide()
    {
        await using FakeUpstream failing = await FakeUpstream.RefusingAsync(500, "No.");
        string url = failing.BaseUrl;
        await using TestGateway gateway = await TestGateway.StartAsync($$"""
            {
              "providers": [
                { "name": "dear", "baseUrl": "{{url}}" },
                { "name": "unpriced", "baseUrl": "{{url}}", "models": ["corp-chat"] },
                { "name": "cheap", "baseUrl": "{{url}}" },
                { "name": "last", "baseUrl": "{{url}}", "priority": 10 },
                { "name": "first", "baseUrl": "{{url}}", "priority": 1 },
              ],
              // The order in the file means nothing.
              "models": [ { "id": "corp-chat", "endpoints": [
                { "provider": "dear", "pricing": { "prompt": 5, "completion": 5 } },
                { "provider": "cheap", "providerModelId": "corp-chat-v2", "pricing": { "prompt": 1, "completion": 3 } },
                { "provider": "last", "pricing": { "prompt": 0, "completion": 0 } },
                { "provider": "first", "pricing": { "prompt": 50, "completion": 50 } },
                { "provider": "not-configured", "pricing": { "prompt": 0, "completion": 0 } },
              ] } ]
            }
            """);

        using HttpResponseMessage all = await gateway.ChatAsync("corp-chat");
        using HttpResponseMessage without = await gateway.ChatAsync("corp-chat,!cheap,!first");

        Assert.Equal(["first", "cheap", "dear", "unpriced", "last"], await ProvidersOf(all));
        Assert.Equal(["dear", "unpriced", "last"], await ProvidersOf(without));
        Assert.Equal(["corp-chat", "corp-chat-v2"], failing.Received.Select(r => r.Json.GetProperty("model").GetString()).Distinct());
    }

    [Fact]
    public async Task Chain_IsTriedElementByElement()
    {
        await using FakeUpstream failing = await FakeUpstream.RefusingAsync(500, "No.");
        await using TestGateway gateway = await TestGateway.StartAsync($$"""
            { "providers": [
                { "name": "one", "baseUrl": "{{failing.BaseUrl}}", "models": ["a", "b"] },
                { "name": "two", "baseUrl": "{{failing.BaseUrl}}", "models": ["a", "b"], "priority": 5 } ] }
            """);

        using HttpResponseMessage response = await gateway.ChatAsync("b,a/two,a,a/one");

        Assert.Equal(["b/one", "b/two", "a/two", "a/one", "a/two", "a/one"], await SourcesOf(response));
    }

    [Fact]
    public async Task Offline_NeverAnswersForAConfiguredProvider()
    {
        await using FakeUpstream failing = await FakeUpstream.RefusingAsync(500, "No.");
        await using TestGateway gateway = await TestGateway.StartAsync($$"""{ "providers": [ { "name": "work", "baseUrl": "{{failing.BaseUrl}}", "models": ["gpt-4o"] } ] }""");

        using HttpResponseMessage failed = await gateway.ChatAsync("gpt-4o");
        using HttpResponseMessage excluded = await gateway.ChatAsync("gpt-4o,!work");
        using HttpResponseMessage other = await gateway.ChatAsync("gpt-4o-mini");

        Assert.Equal(HttpStatusCode.InternalServerError, failed.StatusCode);
        Assert.Equal(HttpStatusCode.InternalServerError, excluded.StatusCode);
        Assert.Equal(HttpStatusCode.InternalServerError, other.StatusCode);
    }

    [Fact]
    public async Task UnknownModel_PassesThroughToAProviderNamedWithIt()
    {
        await using FakeUpstream upstream = await FakeUpstream.AnsweringAsync("Yes.");
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("work", upstream.BaseUrl)));

        using HttpResponseMessage response = await gateway.ChatAsync("ft:gpt-4o:my-org::abc/work");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("ft:gpt-4o:my-org::abc", Assert.Single(upstream.Received).Json.GetProperty("model").GetString());
    }

    [Fact]
    public async Task KnownModel_GoesUnderTheNameThatItsProviderGivesIt()
    {
        await using FakeUpstream upstream = await FakeUpstream.AnsweringAsync("Yes.");
        await using TestGateway gateway = await TestGateway.StartAsync(
            GatewayJsonText.Providers(("anthropic", upstream.BaseUrl)),
            new Dictionary<string, string> { ["ANTHROPIC_API_KEY"] = "sk-ant-1" });

        using HttpResponseMessage response = await gateway.ChatAsync("claude-4.5-sonnet");

        Assert.Equal("anthropic", response.Header("helicone-provider"));
        Assert.Equal("claude-sonnet-4-5-20250929", Assert.Single(upstream.Received).Json.GetProperty("model").GetString());
    }

    [Fact]
    public async Task Deployment_PicksOneOfSeveralEndpointsOfAProvider()
    {
        await using FakeUpstream east = await FakeUpstream.AnsweringAsync("East.");
        await using FakeUpstream west = await FakeUpstream.AnsweringAsync("West.");
        await using TestGateway gateway = await TestGateway.StartAsync($$"""
            { "providers": [
                { "name": "azure", "deployment": "east", "baseUrl": "{{east.BaseUrl}}" },
                { "name": "azure", "deployment": "west", "baseUrl": "{{west.BaseUrl}}" } ] }
            """);

        using HttpResponseMessage named = await gateway.ChatAsync("gpt-4o/azure/west");
        using HttpResponseMessage any = await gateway.ChatAsync("gpt-4o/azure");
        using HttpResponseMessage unknown = await gateway.ChatAsync("gpt-4o/azure/north");

        Assert.Equal("West.", (await named.JsonAsync()).Content());
        Assert.Equal("East.", (await any.JsonAsync()).Content());
        Assert.Equal("gpt-4o/azure/byok/north", (await unknown.JsonAsync()).GetProperty("error").GetProperty("details")[0].GetProperty("source").GetString());
    }

    private static async Task<string[]> SourcesOf(HttpResponseMessage response) =>
        (await response.JsonAsync()).GetProperty("error").GetProperty("details").EnumerateArray()
            .Select(d => d.GetProperty("source").GetString()!.Replace("/byok", string.Empty, StringComparison.Ordinal))
            .ToArray();

    private static async Task<string[]> ProvidersOf(HttpResponseMessage response) =>
        (await SourcesOf(response)).Select(s => s.Split('/')[1]).ToArray();

    private static async Task<string> ClosedPortAsync()
    {
        await using FakeUpstream gone = await FakeUpstream.AnsweringAsync("Gone.");
        return gone.BaseUrl;
    }
}
