using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Threading.Tasks;
using Helicone.LocalGateway.Tests.Hosting;

namespace Helicone.LocalGateway.Tests.Requests;

public sealed class GatewayRequestsTests
{
    [Theory]
    [InlineData("PUT", "v1/chat/completions")]
    [InlineData("DELETE", "v1/models")]
    [InlineData("PATCH", "healthcheck")]
    [InlineData("GET", "v1/chat/completions")]
    [InlineData("GET", "v1/models/multimodal")]
    [InlineData("OPTIONS", "v1/chat/completions")]
    public async Task AnythingElse_Is405WithAllow(string method, string path)
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        using HttpRequestMessage request = new(new HttpMethod(method), path);

        using HttpResponseMessage response = await gateway.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal("Method not allowed. AI Gateway only accepts POST requests.", await response.TextAsync());
        Assert.Equal(["POST", "GET"], response.Content.Headers.Allow);
        Assert.Equal("text/plain", response.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData("POST", "v1/embeddings")]
    [InlineData("POST", "embeddings")]
    [InlineData("POST", "v1/images/generations")]
    [InlineData("POST", "v1/audio/speech")]
    [InlineData("POST", "v1/moderations")]
    [InlineData("POST", "v1/completions")]
    [InlineData("GET", "v1/files")]
    [InlineData("GET", "v1/nonsense")]
    [InlineData("GET", "v1/Models")]
    public async Task OtherOperations_AreA404ThatNamesThePathAndWhatThereIs(string method, string path)
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        using HttpRequestMessage request = new(new HttpMethod(method), path);
        if (method == "POST")
        {
            request.Content = new StringContent("""{"model":"gpt-4o","input":"Hi","messages":[{"role":"user","content":"Hi"}]}""");
        }

        using HttpResponseMessage response = await gateway.Http.SendAsync(request);

        string message = (await response.JsonAsync()).GetProperty("error").GetProperty("message").GetString()!;
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.StartsWith($"{method} /{path} doesn't exist on the local gateway. ", message, StringComparison.Ordinal);
        Assert.Contains("POST /v1/chat/completions", message, StringComparison.Ordinal);
        Assert.Empty(LoggedCalls.Of(gateway));
    }

    [Theory]
    [InlineData("v1/prompt-2025/query", "{}")]
    [InlineData("v1/nonsense", """{"model":"gpt-4o","input":"Hi"}""")]
    [InlineData("v1/nonsense", "not json")]
    public async Task UnknownPath_WithABodyThatIsNoChat_IsA404(string path, string body)
    {
        await using TestGateway gateway = await TestGateway.StartAsync();

        using HttpResponseMessage response = await gateway.PostAsync(body, path: path);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains($"POST /{path} doesn't exist", await response.TextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Model_IsServedByItsId_OrSaidToBeUnknown()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();

        using HttpResponseMessage known = await gateway.Http.GetAsync(new Uri("v1/models/gpt-4o", UriKind.Relative));
        using HttpResponseMessage unknown = await gateway.Http.GetAsync(new Uri("v1/models/no-such-model", UriKind.Relative));

        JsonElement model = await known.JsonAsync();
        Assert.Equal(("gpt-4o", "model", "openai"), (model.GetProperty("id").GetString(), model.GetProperty("object").GetString(), model.GetProperty("owned_by").GetString()));
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Equal("model_not_found", (await unknown.JsonAsync()).GetProperty("error").GetProperty("code").GetString());
    }

    [Theory]
    [InlineData("v1/messages", """{"model":"claude-sonnet-4","max_tokens":9,"messages":[{"role":"user","content":"Hi"}]}""", null)]
    [InlineData("v1/chat/completions", """{"model":"claude-sonnet-4","max_tokens":9,"system":"Be brief.","messages":[{"role":"user","content":"Hi"}]}""", null)]
    [InlineData("v1/messages", """{"model":"claude-sonnet-4","max_tokens":9,"messages":[{"role":"user","content":"Hi"}]}""", "NO_MAPPING")]
    public async Task AnthropicsRequest_IsNeverAnsweredInOpenAIsForm(string path, string body, string? mapping)
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        Dictionary<string, string> headers = mapping is null ? [] : new() { ["Helicone-Gateway-Body-Mapping"] = mapping };

        using HttpResponseMessage response = await gateway.PostAsync(body, headers, path);

        string text = await response.TextAsync();
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("Anthropic's Messages API", text, StringComparison.Ordinal);
        Assert.DoesNotContain("choices", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Helicone-Moderations-Enabled: true", "moderation")]
    [InlineData("Helicone-LLM-Security-Enabled: true", "LLM security")]
    [InlineData("helicone-prompt-security-enabled: TRUE", "LLM security")]
    [InlineData("Helicone-Peyeeye-Enabled: true", "PII redaction")]
    [InlineData("Helicone-Token-Limit-Exception-Handler: truncate", "token-limit handling")]
    [InlineData("Helicone-Prompt-Format: x", "prompt templates")]
    [InlineData("Helicone-Fallbacks: []", "fallbacks by header")]
    [InlineData("Helicone-Target-URL: https://api.example.com", "target URLs")]
    [InlineData("Helicone-Webhook-Enabled: true", "webhooks")]
    public async Task HeaderThatOnlyTheCloudActsOn_IsRefusedByName(string header, string feature)
    {
        await using TestGateway gateway = await TestGateway.StartAsync();

        using HttpResponseMessage response = await gateway.ChatAsync("gpt-4o", headers: HeaderSet.Of(header));

        string message = (await response.JsonAsync()).GetProperty("error").GetProperty("message").GetString()!;
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.StartsWith($"The local gateway doesn't support {feature}", message, StringComparison.Ordinal);
        Assert.Contains($"(header '{header.Split(':')[0]}')", message, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("Helicone-Moderations-Enabled: false")]
    [InlineData("Helicone-Prompt-Id: greeting")]
    [InlineData("Helicone-Stream-Force-Format: true")]
    public async Task HeaderThatAsksForNothingElse_IsNoReasonToRefuse(string header)
    {
        await using TestGateway gateway = await TestGateway.StartAsync();

        using HttpResponseMessage response = await gateway.ChatAsync("gpt-4o", headers: HeaderSet.Of(header));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Healthcheck_IsHealthy()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();

        Assert.Equal("""{"status":"healthy :)"}""", await gateway.Http.GetStringAsync(new Uri("healthcheck", UriKind.Relative)));
    }

    [Theory]
    [InlineData("v1/chat/completions")]
    [InlineData("anything/at/all")]
    [InlineData("")]
    public async Task Post_OfAnyPath_IsACall(string path)
    {
        await using TestGateway gateway = await TestGateway.StartAsync();

        using HttpResponseMessage response = await gateway.PostAsync("""{"model":"gpt-4o","messages":[{"role":"user","content":"Hi"}]}""", path: path);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"gpt-4o\"")]
    [InlineData("{}")]
    [InlineData("""{"messages":[]}""")]
    [InlineData("""{"model":null}""")]
    [InlineData("""{"model":""}""")]
    [InlineData("""{"model":0}""")]
    [InlineData("""{"model":false}""")]
    [InlineData("""{"model":"gpt-4o","messages":[]} trailing""")]
    [InlineData("""{"model":"gpt-4o",}""")]
    [InlineData("""{"model":"gpt-4o","messages":[""")]
    public async Task Body_WithoutAModel_IsAPlainText400(string body)
    {
        await using TestGateway gateway = await TestGateway.StartAsync();

        using HttpResponseMessage response = await gateway.PostAsync(body);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("text/plain", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("Invalid body or missing model. See supported models at https://helicone.ai/models", await response.TextAsync());
    }

    [Theory]
    [InlineData("42")]
    [InlineData("true")]
    [InlineData("[\"gpt-4o\"]")]
    [InlineData("{}")]
    public async Task Model_ThatIsNoText_IsAPlainText400(string model)
    {
        await using TestGateway gateway = await TestGateway.StartAsync();

        using HttpResponseMessage response = await gateway.PostAsync($$"""{"model":{{model}},"messages":[]}""");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("Invalid model type. Model must be a string. See supported models at https://helicone.ai/models", await response.TextAsync());
    }

    [Fact]
    public async Task Body_OfManyShapesOfWhiteSpaceAndEscapes_IsRead()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();

        using HttpResponseMessage response = await gateway.PostAsync("\uFEFF\r\n { \"mess\\u0061ges\" : [ { \"role\" : \"user\" , \"content\" : \"H\\u0069\" } ] ,\t\"model\" : \"ignored\", \"mod\\u0065l\" : \"gpt\\u002d4o\" } \n");

        Assert.Contains("gpt-4o heard: \"Hi\"", (await response.JsonAsync()).Content(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Body_Over50MB_Is413BeforeItIsRead()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();

        string answer = await gateway.SendRawAsync($"POST / HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {gateway.Key}\r\nContent-Length: {(50 * 1024 * 1024) + 1}\r\n\r\n", until: "The request body is larger than 50 MB.");

        Assert.StartsWith("HTTP/1.1 413 ", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Body_Over50MB_Is413ToWhoIsStillSending(bool isChunked)
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        using HttpClient client = new() { BaseAddress = gateway.Uri };
        using HttpRequestMessage request = new(HttpMethod.Post, "v1/chat/completions") { Content = new ByteArrayContent(new byte[60 * 1024 * 1024]) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", gateway.Key);
        request.Headers.TransferEncodingChunked = isChunked;

        using HttpResponseMessage response = await client.SendAsync(request);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal("The request body is larger than 50 MB.", await response.TextAsync());
    }

    [Fact]
    public async Task Body_OfSeveralMegabytes_IsAnswered()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();

        using HttpResponseMessage response = await gateway.ChatAsync("gpt-4o", new string('a', 3_000_000));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True((await response.JsonAsync()).GetProperty("usage").GetProperty("prompt_tokens").GetInt32() > 300_000);
    }

    [Theory]
    [InlineData("prompt_id", "\"abc123\"")]
    [InlineData("version_id", "\"v\"")]
    [InlineData("environment", "\"production\"")]
    [InlineData("inputs", "{}")]
    public async Task Prompts_AreRefusedByNameAsAStringError(string field, string value)
    {
        await using TestGateway gateway = await TestGateway.StartAsync();

        using HttpResponseMessage response = await gateway.PostAsync($$"""{"model":"gpt-4o","{{field}}":{{value}}}""");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(JsonValueKind.String, (await response.JsonAsync()).GetProperty("error").ValueKind);
    }

    [Fact]
    public async Task Prompts_WithTheResponsesApi_AreRefusedInHeliconesWords()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();

        using HttpResponseMessage response = await gateway.PostAsync("""{"model":"gpt-4o","prompt_id":"abc123"}""", path: "v1/responses");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("Helicone Prompts is not supported for Responses API format on the AI Gateway", await response.TextAsync());
    }

    [Theory]
    [InlineData("v1/responses", null)]
    [InlineData("v1/responses", "OPENAI")]
    [InlineData("v1/chat/completions", "RESPONSES")]
    public async Task ResponsesApi_IsAnInvalidFormat(string path, string? mapping)
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        Dictionary<string, string> headers = mapping is null ? [] : new() { ["Helicone-Gateway-Body-Mapping"] = mapping };

        using HttpResponseMessage response = await gateway.PostAsync("""{"model":"gpt-4o","input":"Hi"}""", headers, path);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("invalid_format", (await response.JsonAsync()).GetProperty("error").GetProperty("details")[0].GetProperty("type").GetString());
    }

    [Theory]
    [InlineData("5a3c1d9e-7f6b-4c1a-9d2e-0123456789ab", true)]
    [InlineData("5A3C1D9E-7F6B-1C1A-8D2E-0123456789AB", true)]
    [InlineData("0190b3a0-7f6b-7c1a-9d2e-0123456789ab", false)]
    [InlineData("5a3c1d9e-7f6b-4c1a-cd2e-0123456789ab", false)]
    [InlineData("5a3c1d9e7f6b4c1a9d2e0123456789ab", false)]
    [InlineData("my-request", false)]
    [InlineData("", false)]
    public async Task RequestId_IsTheClientsIfItIsAUuidOfVersion1To5(string id, bool kept)
    {
        await using TestGateway gateway = await TestGateway.StartAsync();

        using HttpResponseMessage response = await gateway.ChatAsync("gpt-4o", headers: new Dictionary<string, string> { ["Helicone-Request-Id"] = id });

        string given = response.Header("Helicone-Id")!;
        Assert.Equal(kept, given == id);
        Assert.True(Guid.TryParse(given, out _));
    }

    [Theory]
    [InlineData("localhost", true)]
    [InlineData("LOCALHOST:8787", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.1.2.3:1", true)]
    [InlineData("[::1]:8787", true)]
    [InlineData("evil.example", false)]
    [InlineData("evil.example:8787", false)]
    [InlineData("localhost.evil.example", false)]
    [InlineData("127.0.0.1.evil.example", false)]
    [InlineData("192.168.1.10", false)]
    [InlineData("", false)]
    public async Task Host_MustBeThisMachine(string host, bool answered)
    {
        await using TestGateway gateway = await TestGateway.StartAsync();

        string answer = await gateway.SendRawAsync($"GET /healthcheck HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");

        Assert.StartsWith(answered ? "HTTP/1.1 200 " : "HTTP/1.1 421 ", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://localhost:3000", true)]
    [InlineData("http://127.0.0.1:8787", true)]
    [InlineData("https://evil.example", false)]
    [InlineData("http://localhost.evil.example", false)]
    [InlineData("null", false)]
    [InlineData("file://localhost", false)]
    public async Task Origin_MustBeThisMachine(string origin, bool answered)
    {
        await using TestGateway gateway = await TestGateway.StartAsync();

        using HttpResponseMessage response = await gateway.ChatAsync("gpt-4o", headers: new Dictionary<string, string> { ["Origin"] = origin });

        Assert.Equal(answered ? HttpStatusCode.OK : HttpStatusCode.Forbidden, response.StatusCode);
        Assert.DoesNotContain(response.Headers, h => h.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task ManyCallsAtOnce_GetEachItsOwnAnswer()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();

        string[] answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(async i =>
        {
            using HttpResponseMessage response = await gateway.ChatAsync("gpt-4o", $"Question {i}.");
            return (await response.JsonAsync()).Content();
        }));

        Assert.All(answers, (answer, i) => Assert.Contains($"\"Question {i}.\"", answer, StringComparison.Ordinal));
    }
}
