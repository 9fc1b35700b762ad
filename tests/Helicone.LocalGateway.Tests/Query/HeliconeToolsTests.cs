using System.Collections.Generic;
using System.Net;
using System.Net.Http;
using System.Text.Json;
using System.Threading.Tasks;
using Helicone.LocalGateway.Tests.Hosting;

namespace Helicone.LocalGateway.Tests.Query;

/// <summary>What Helicone's own guides and packages send.</summary>
public sealed class HeliconeToolsTests
{
    [Theory]
    [InlineData("{}", "01")]
    [InlineData("""{"left":{},"operator":"and","right":{"response":{"status":{"equals":500} } } }""", "1")]
    [InlineData("""{"properties":{"Helicone-Session-Id":{"equals":"s0"} } }""", "0")]
    [InlineData("""{"properties":{"n":{"equals":"1"} } }""", "1")]
    [InlineData("""{"request":{"user_id":{"equals":"u0"} } }""", "0")]
    [InlineData("""{"request":{"created_at":{"gte":"2020-01-01T00:00:00Z"} } }""", "01")]
    [InlineData("""{"response":{"status":{"equals":200},"model":{"contains":"mini"} } }""", "0")]
    public async Task Filters_OfHeliconesGuides_FindWhatTheyFindThere(string filter, string expected)
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        for (int i = 0; i < 2; i++)
        {
            await gateway.LogAsync("gpt-4o-mini", i, LogApi.Numbered($"{i}", ("Helicone-Session-Id", $"s{i}"), ("Helicone-User-Id", $"u{i}")), status: i == 0 ? 200 : 500);
        }

        Assert.Equal(expected, await gateway.FindAsync(filter));
    }

    [Theory]
    [InlineData("v1/prompt-2025/query/production-version", """{"promptId":"abc123"}""")]
    [InlineData("v1/prompt-2025/query/version", """{"promptVersionId":"v1"}""")]
    [InlineData("v1/prompt-2025/query/environment-version", """{"promptId":"abc123","environment":"staging"}""")]
    [InlineData("v2/prompt-2025/query/production-version", """{"promptId":"abc123"}""")]
    public async Task PromptManager_ReadsInTheReasonPhraseWhatIsMissing(string path, string body)
    {
        await using TestGateway gateway = await TestGateway.StartAsync();

        using HttpResponseMessage response = await gateway.PostAsync(body, path: path);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("Not Found: the local gateway has no prompt templates", response.ReasonPhrase);
        Assert.StartsWith($"POST /{path} doesn't exist on the local gateway", (await response.JsonAsync()).GetProperty("error").GetString(), System.StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\\\"choices\\\":[{\\\"del")]
    public async Task StreamOfTheManualLogger_IsLoggedAsTheAnswerThatItMakes(string cut)
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        string[] chunks =
        [
            """{"id":"c1","object":"chat.completion.chunk","created":7,"model":"gpt-4o-x","choices":[{"index":0,"delta":{"role":"assistant","content":"Bl"}}]}""",
            """{"id":"c1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"ue."},"finish_reason":"stop"}]}""",
            """{"id":"c1","object":"chat.completion.chunk","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10}}""",
        ];
        string text = JsonSerializer.Serialize(string.Join("\n", chunks) + "\n").TrimEnd('"') + cut + "\"";
        using HttpResponseMessage logged = await gateway.PostAsync(
            $$"""{"providerRequest":{"url":"custom-model-nopath","json":{"model":"gpt-4o","stream":true,"messages":[]} },"providerResponse":{"status":200,"headers":{},"json":{},"textBody":{{text}} } }""",
            new Dictionary<string, string>(),
            "custom/v1/log");
        Assert.Equal(HttpStatusCode.NoContent, logged.StatusCode);

        JsonElement found = (await gateway.QueryAsync())[0];
        JsonElement row = await gateway.GetRequestAsync(found.GetProperty("request_id").GetString()!);
        Assert.Equal((7, 3), (row.GetProperty("prompt_tokens").GetInt32(), row.GetProperty("completion_tokens").GetInt32()));
        Assert.Equal("Blue.", row.GetProperty("response_body").Content());
    }
}
