using System.Text;
using Helicone.Core.Tests.Servers;
using Helicone.Errors;
using static Helicone.Errors.HeliconeErrorKind;

namespace Helicone.Core.Tests.Errors;

/// <summary>Every body that the gateway, its neighbours and the providers answer with, as bytes over a socket.</summary>
public class ErrorShapeTests
{
    // Nothing marks it as a key.
    private const string Odd = "my.own/secret+key=0123456789";
    private const string Docs = "https://docs.helicone.ai/rest/ai-gateway/post-v1-chat-completions";

    /// <summary>status, content type, body → kind, transient, and the text that the message must contain.</summary>
    public static TheoryData<int, string?, string, HeliconeErrorKind, bool, string> Shapes => new()
    {
        // Plain text.
        { 401, "text/plain;charset=UTF-8", "Invalid Helicone API key (hshed)", Unauthenticated, false, "Invalid Helicone API key (hshed) (401)." },
        { 401, "text/plain;charset=UTF-8", "Organization not found", Unauthenticated, false, "Organization not found" },
        { 400, "text/plain;charset=UTF-8", "Invalid body or missing model. See supported models at https://helicone.ai/models", ModelNotFound, false, "missing model" },
        { 400, "text/plain;charset=UTF-8", "Invalid provider in global ignore list: foo", InvalidRequest, false, "global ignore list: foo" },
        { 400, "text/plain;charset=UTF-8", "Invalid global ignore syntax. Use !provider (e.g., !openai)", InvalidRequest, false, "!provider" },
        { 400, "text/plain;charset=UTF-8", "Helicone Prompts is not supported for Responses API format on the AI Gateway", InvalidRequest, false, "Responses API" },
        { 405, "text/plain;charset=UTF-8", "Method not allowed. AI Gateway only accepts POST requests.", InvalidRequest, false, "only accepts POST" },
        { 500, "text/plain;charset=UTF-8", "Cache bucket size cannot be greater than 20", InvalidRequest, false, "bucket size" },
        { 429, "text/plain;charset=UTF-8", "Insufficient balance for escrow. Available: 3 cents, needed: 40 cents", InsufficientCredits, false, "Available: 3 cents" },
        { 403, "text/plain;charset=UTF-8", "Wallet is suspended due to payment disputes. Please contact support.", Forbidden, false, "payment disputes" },
        { 400, null, "Invalid token.", InvalidRequest, false, "Invalid token (400)." },
        { 404, "text/plain", "404 page not found", InvalidRequest, false, "404 page not found" },
        { 502, "text/plain", "502 Bad Gateway\n", UpstreamFailed, true, "502 Bad Gateway" },
        { 500, null, "true", UpstreamFailed, true, "true (500)" },

        // JSON with one string.
        { 400, "application/json", $$"""{"error":"Variable 'x' is 'number' but got 'v'\nVariable 'y' is missing"}""", InvalidRequest, false, "Variable 'x' is 'number'" },
        { 400, "application/json", $$"""{"error":"messages.0.role: Invalid. See API reference: {{Docs}}"}""", InvalidRequest, false, "messages.0.role" },
        { 401, "application/json", """{"error":null,"trace":"isAuthenticated.error"}""", Unauthenticated, false, "401" },
        { 429, "application/json", """{"error":"Too many requests, please try again later."}""", RateLimited, true, "Too many requests" },
        { 500, "application/json", "\"it broke\"", UpstreamFailed, true, "it broke (500)" },

        // The worker's own exception, moderation, prompt injection, redaction.
        { 500, "application/json", """{"helicone-message":"Helicone ran into an error servicing your request","support":"write to us","helicone-error":"TypeError: x"}""", UpstreamFailed, true, "ran into an error servicing your request: TypeError: x" },
        { 400, "application/json", """{"success":false,"error":{"code":"PROMPT_FLAGGED_FOR_MODERATION","message":"The given prompt was flagged by the OpenAI Moderation endpoint.","details":"See your Helicone request page for more info."}}""", ContentBlocked, false, "flagged by the OpenAI Moderation endpoint. See your Helicone request page" },
        { 400, "application/json", """{"success":false,"error":{"code":"PROMPT_THREAT_DETECTED","message":"Prompt threat detected. Your request cannot be processed.","details":"See your Helicone request page for more info."}}""", ContentBlocked, false, "threat detected" },
        { 500, "application/json", """{"success":false,"error":{"code":"INTERNAL_SERVER_ERROR","message":"Request to OpenAI moderation endpoint failed."}}""", UpstreamFailed, true, "moderation endpoint failed" },
        { 500, "application/json", """{"success":false,"error":{"code":"PEYEEYE_MISCONFIGURED","message":"PII redaction is not configured"}}""", UpstreamFailed, false, "not configured" },
        { 502, "application/json", """{"success":false,"error":{"code":"PEYEEYE_REDACT_FAILED","message":"PII redaction failed"}}""", UpstreamFailed, true, "redaction failed" },
        { 507, "application/json", """{"success":false,"error":{"code":"log_unavailable","message":"The log '/x.db' cannot be written: the disk is full.","details":[],"param":null}}""", UpstreamFailed, false, "the disk is full (507)." },
        { 429, "application/json", """{"message":"Helicone user was rate limit via Helicone-RateLimit-Policy header. Please wait before making more requests."}""", RateLimited, true, "Helicone-RateLimit-Policy header" },

        // The documented shape, the Rust gateway's, OpenAI's, Google's, FastAPI's.
        { 400, "application/json", """{"error":{"message":"Bad model","type":"invalid_request_error","code":"model_not_found"}}""", ModelNotFound, false, "Bad model (400)." },
        { 400, "application/json", """{"error":{"message":"too long","type":"invalid_request_error","param":null,"code":"context_length_exceeded"}}""", ContextTooLong, false, "too long" },
        { 429, "application/json", """{"error":{"message":"Rate limit reached","type":"requests","param":null,"code":"rate_limit_exceeded"}}""", RateLimited, true, "Rate limit reached" },
        { 429, "application/json", """{"error":{"message":"You exceeded your current quota, please check your plan and billing details.","type":"insufficient_quota","code":"insufficient_quota"}}""", InsufficientCredits, false, "current quota" },
        { 429, "application/json", """[{"error":{"code":429,"message":"You exceeded your current quota. Please retry in 12.5s.","status":"RESOURCE_EXHAUSTED"}}]""", RateLimited, true, "retry in 12.5s" },
        { 422, "application/json", """{"detail":[{"loc":["body","messages"],"msg":"field required"}]}""", InvalidRequest, false, "field required" },
        { 402, "application/json", """{"error":{"message":"Payment required"}}""", InsufficientCredits, false, "Payment required" },
        { 413, "application/json", """{"error":{"message":"prompt is too long: 250000 tokens > 200000 maximum"}}""", ContextTooLong, false, "250000" },

        // A page of someone in between, and nothing at all.
        { 502, "text/html", "<html><head><title>502 Bad Gateway</title></head><body><h1>cloudflare</h1></body></html>", UpstreamFailed, true, "a web page instead of Helicone's answer: 502 Bad Gateway cloudflare" },
        { 403, "text/html", "\r\n<!DOCTYPE html><html><body>Blocked by policy</body></html>", Forbidden, false, "Blocked by policy" },
        { 503, null, "", UpstreamFailed, true, "The server returned status 503 without a message." },
        { 408, null, "", UpstreamFailed, true, "408" },
        { 409, null, "", UpstreamFailed, true, "409" },
        { 501, null, "", UpstreamFailed, false, "501" },
        { 204, null, "", MalformedResponse, true, "204" },
        { 202, "application/json", """{"message":"queued"}""", MalformedResponse, true, "queued (202)" },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task EveryShape_IsReadForWhatItSays(int status, string? contentType, string body, HeliconeErrorKind kind, bool transient, string says)
    {
        await using RawServer server = new(exchange => exchange.SendAsync(
            status == 204
                ? "HTTP/1.1 204 No Content\r\n\r\n"
                : $"HTTP/1.1 {status} X\r\n{(contentType is null ? "" : $"Content-Type: {contentType}\r\n")}Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\nHelicone-Id: id-1\r\n\r\n{body}"));

        HeliconeException e = await Clients.FailAsync(server.Uri, new RequestOptions { MaxRetries = 1 });

        Assert.Equal((kind, transient, status), (e.Kind, e.IsTransient, e.StatusCode));
        Assert.Contains(says, e.Message, StringComparison.Ordinal);
        Assert.Equal(transient ? 2 : 1, server.Requests);
        Assert.Equal(status == 204 ? null : "id-1", e.RequestId);
        Assert.Null(e.PartialText);

        (HeliconeException streamed, List<Helicone.Chat.ChatChunk> chunks) = await Clients.FailStreamAsync(server.Uri, new RequestOptions { MaxRetries = 1 });

        Assert.Equal((e.Kind, e.IsTransient, e.StatusCode, e.Message), (streamed.Kind, streamed.IsTransient, streamed.StatusCode, streamed.Message));
        Assert.Empty(chunks);
    }

    /// <summary>wire status, details → kind, true status, transient.</summary>
    public static TheoryData<int, (string Type, int Status, string Source, string Message)[], HeliconeErrorKind, int, bool> Envelopes => new()
    {
        { 500, [("request_failed", 400, "gpt-4o/openai/byok", "Unsupported parameter: top_k")], InvalidRequest, 400, false },
        { 500, [("request_failed", 404, "gpt-9/openai/byok", "The model `gpt-9` does not exist or you do not have access to it.")], ModelNotFound, 404, false },
        { 500, [("request_failed", 400, "gpt-4o/openai/ptb", "This model's maximum context length is 128000 tokens.")], ContextTooLong, 400, false },
        { 500, [("request_failed", 400, "gpt-4o/azure/byok", "The response was filtered due to Azure's content_policy")], ContentBlocked, 400, false },
        { 500, [("request_failed", 529, "claude-4.5-sonnet/anthropic/ptb", "Overloaded")], UpstreamFailed, 529, true },
        { 500, [("request_failed", 500, "gpt-4o/openai/byok", "The server had an error")], UpstreamFailed, 500, true },
        { 401, [("request_failed", 401, "gpt-4o/openai/byok", "Incorrect API key provided")], Unauthenticated, 401, false },
        { 403, [("request_failed", 403, "gpt-4o/openai/byok", "Country not supported")], Forbidden, 403, false },
        { 429, [("rate_limited", 429, "gpt-4o/openai/ptb", "Rate limited")], RateLimited, 429, true },
        { 429, [("insufficient_credit_limit", 429, "gpt-4o/openai/ptb", "Insufficient balance for escrow. Available: 1 cents, needed: 9 cents")], InsufficientCredits, 429, false },
        { 400, [("disallowed", 400, "o9/openai/ptb", "Cloud billing is disabled for this model and provider.")], InvalidRequest, 400, false },
        { 400, [("invalid_format", 400, "gpt-4o/openai/ptb", "messages: Required")], InvalidRequest, 400, false },
        { 500, [("missing_provider_key", 500, "gpt-4o/openai/byok", "No provider key found")], Unauthenticated, 500, false },
        { 500, [("model_not_supported", 500, "gpt-9/openai/ptb", "not supported")], ModelNotFound, 500, false },

        // Chains: the transient attempt decides, or the first one whose error is more than a missing configuration.
        { 500, [("request_failed", 400, "a/openai/byok", "Bad request"), ("request_failed", 503, "b/anthropic/ptb", "Unavailable")], UpstreamFailed, 503, true },
        { 401, [("request_failed", 401, "a/openai/byok", "Bad key"), ("rate_limited", 429, "b/groq/ptb", "Slow down")], RateLimited, 429, true },
        { 500, [("missing_provider_key", 500, "a/openai/byok", "No provider key found"), ("request_failed", 404, "a/openai/ptb", "model not found")], ModelNotFound, 404, false },
        { 500, [("disallowed", 400, "a/openai/ptb", "Cloud billing is disabled"), ("request_failed", 413, "b/groq/byok", "maximum context length exceeded")], ContextTooLong, 413, false },
        { 429, [("insufficient_credit_limit", 429, "a/openai/ptb", "Insufficient balance for escrow."), ("request_failed", 500, "b/groq/byok", "oops")], UpstreamFailed, 500, true },
    };

    [Theory]
    [MemberData(nameof(Envelopes))]
    public async Task Envelope_TellsTheTruthOfItsDetails(int wire, (string Type, int Status, string Source, string Message)[] details, HeliconeErrorKind kind, int status, bool transient)
    {
        // As the gateway sends it: JSON without a JSON content type.
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Text(wire, Answers.Envelope("request_failed", "Something went wrong", details)));

        HeliconeException e = await Clients.FailAsync(server.Uri);

        Assert.Equal((kind, status, transient), (e.Kind, e.StatusCode, e.IsTransient));
        Assert.Equal(transient ? 3 : 1, server.Chats.Count);
        Assert.Equal("request_failed", e.Code);
        Assert.Equal(details, e.Upstream.Select(u => (u.Type!, u.StatusCode!.Value, u.Source!, u.Message!)));
        Assert.All(details, d => Assert.Contains(d.Source, e.Message, StringComparison.Ordinal));
        Assert.Contains(details.Single(d => d.Status == status && e.Message.StartsWith(d.Message.TrimEnd('.'), StringComparison.Ordinal)).Message.TrimEnd('.'), e.Message, StringComparison.Ordinal);
        Assert.Equal(e.Upstream, e.Attempts[^1].Upstream);
    }

    [Fact]
    public async Task Envelope_WithoutDetails_SpeaksForItself()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Text(500, Answers.Envelope("all_attempts_failed", "No available providers for model gpt-9")));

        HeliconeException e = await Clients.FailAsync(server.Uri);

        Assert.Equal(ModelNotFound, e.Kind);
        Assert.Equal("all_attempts_failed", e.Code);
        Assert.Empty(e.Upstream);
        Assert.Single(server.Chats);
    }

    [Fact]
    public async Task Envelope_WithDetailsThatAreNot_IsStillAnError()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Text(500, """{"success":false,"error":{"code":17,"message":{"text":"odd"},"details":[null,7,"x",{"type":"a"},{"statusCode":"400","source":null},{"statusCode":1e99,"source":"m/p/ptb"}],"param":null}}"""));

        HeliconeException e = await Clients.FailAsync(server.Uri, new RequestOptions { MaxRetries = 0 });

        Assert.Equal(UpstreamFailed, e.Kind);
        Assert.Equal(500, e.StatusCode);
        Assert.Equal([null, "m/p/ptb"], e.Upstream.Select(u => u.Source));
        Assert.Contains("odd", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("you sent sk-helicone-aaaaaaa-bbbbbbb-ccccccc-dddabcd", "sk-helicone-…abcd")]
    [InlineData("Incorrect API key provided: sk-proj-Zm9vYmFyYmF6cXV4Zm9vYmFy1234.", "sk-…1234")]
    [InlineData("bad key gsk_abcdefghijklmnopqrstuvwx9876", "…9876")]
    [InlineData("bad key AIzaSyA-abcdefghijklmnopqrstuvwx_5555", "…5555")]
    [InlineData("bad key xai-abcdefghijklmnopqrstuvwx4444", "…4444")]
    public async Task Keys_ThatMessagesQuote_AreMaskedEverywhere(string message, string shown)
    {
        string key = message.Split(' ')[^1].TrimEnd('.');
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Text(401, Answers.Envelope(key, message, ("request_failed", 401, "m/" + key, message))));

        HeliconeException e = await Clients.FailAsync(server.Uri);

        Assert.Contains(shown, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(key, Everything(e), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1930)]
    [InlineData(1985)]
    [InlineData(1993)]
    public async Task Key_AtTheCutOfALongMessage_IsNotShownInPart(int position)
    {
        string message = new string('x', position) + " " + Odd;
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Text(400, Answers.Envelope("x", "y", ("request_failed", 400, "m/p/ptb", message))));

        HeliconeException e = await Clients.FailAsync(server.Uri, null, o => o with { ApiKey = new System.Net.NetworkCredential("", Odd).SecurePassword });

        Assert.DoesNotContain("my.", Everything(e), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Key_OfAnyLook_IsMaskedWhereTheAnswerIsNoAnswer()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Text(200, new string('x', 190) + Odd + " not an answer"));

        HeliconeException e = await Clients.FailAsync(server.Uri, null, o => o with { ApiKey = new System.Net.NetworkCredential("", Odd).SecurePassword, MaxRetries = 0 });

        Assert.Equal(MalformedResponse, e.Kind);
        Assert.DoesNotContain("my.own", Everything(e), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sketch-recognition-benchmark-v2 was skipped-over-entirely")]
    [InlineData("pkcs12-container-not-supported")]
    [InlineData("task-scheduler-is-overloaded")]
    public async Task Words_ThatBeginLikeAKey_AreLeftAlone(string message)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Text(400, message));

        HeliconeException e = await Clients.FailAsync(server.Uri);

        Assert.Contains(message, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bytes_ThatAreNotUtf8_CostACharacterAndNotTheError()
    {
        byte[] body = Encoding.Latin1.GetBytes("""{"error":{"message":"Modèle inconnu: model not found","code":"x"}}""");
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Bytes(404, body, "application/json"));

        HeliconeException e = await Clients.FailAsync(server.Uri);

        Assert.Equal(ModelNotFound, e.Kind);
        Assert.Contains("inconnu: model not found", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HalfASurrogate_InAnError_IsStillThatError()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Text(401, """{"error":{"message":"bad \ud83d key","type":"\ud83d"}}"""));

        HeliconeException e = await Clients.FailAsync(server.Uri);

        Assert.Equal(Unauthenticated, e.Kind);
        Assert.Contains("key", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ByteOrderMark_BeforeAnError_IsDropped()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Text(401, "\ufeff{\"error\":\"no\"}"));

        Assert.StartsWith("no (401).", (await Clients.FailAsync(server.Uri)).Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> LargeBodies => new()
    {
        { "text of 5 MB", new string('x', 5_000_000) },
        { "a pattern's nightmare", string.Concat(Enumerable.Repeat("model ", 40_000)) },
        { "open brackets", new string('<', 200_000) },
        { "JSON of 5 MB", "{\"error\":{\"message\":\"" + new string('y', 5_000_000) + "\"}}" },
        { "JSON of 200 KB", "{\"error\":{\"message\":\"" + string.Concat(Enumerable.Repeat("model ", 30_000)) + "\"}}" },
        { "10000 providers", Answers.Envelope("x", "y", [.. Enumerable.Range(0, 1000).Select(i => ("request_failed", 400, $"m/p{i}/ptb", "no"))]) },
        { "nested 200 deep", "{\"error\":" + new string('[', 200) + new string(']', 200) + "}" },
        { "nested 100000 deep", new string('[', 100_000) },
    };

    [Theory]
    [MemberData(nameof(LargeBodies))]
    public async Task LargeAndDeepBodies_MakeAShortMessage_AndSoon(string name, string body)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Text(400, body));

        HeliconeException e = await Clients.FailAsync(server.Uri).WaitAsync(TimeSpan.FromSeconds(20));

        Assert.True(e.StatusCode == 400, name);
        Assert.InRange(e.Message.Length, 1, 2500);
        Assert.All(e.Upstream, u => Assert.InRange(u.Message!.Length, 0, 2001));
    }

    [Fact]
    public async Task ErrorBody_ThatBreaksOff_StillHasItsStatusAndItsBeginning()
    {
        await using RawServer server = new(async exchange =>
        {
            await exchange.SendAsync("HTTP/1.1 401 X\r\nContent-Length: 500\r\n\r\nInvalid Helicone API key");
            exchange.Close();
        });

        HeliconeException e = await Clients.FailAsync(server.Uri);

        Assert.Equal((Unauthenticated, 401), (e.Kind, e.StatusCode));
        Assert.Contains("Invalid Helicone API key", e.Message, StringComparison.Ordinal);
        Assert.Equal(1, server.Requests);
    }

    [Fact]
    public async Task ErrorBody_ThatNeverEnds_IsAsGoodAsItsStatus()
    {
        await using RawServer server = new(async exchange =>
        {
            await exchange.SendAsync("HTTP/1.1 403 X\r\nContent-Length: 500\r\n\r\nNot for you");
            await exchange.WaitForClientToLeaveAsync();
            exchange.Close();
        });

        HeliconeException e = await Clients.FailAsync(server.Uri, new RequestOptions { IdleTimeout = TimeSpan.FromMilliseconds(150) });

        Assert.Equal((Forbidden, 403), (e.Kind, e.StatusCode));
        Assert.Equal(1, server.Requests);
    }

    [Fact]
    public async Task ErrorBody_ThatIsNotTheGzipItClaims_StillHasItsStatus()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Bytes(403, "this is no gzip at all"u8.ToArray(), "text/plain", ("Content-Encoding", "gzip")));

        Assert.Equal((Forbidden, 403), ((await Clients.FailAsync(server.Uri)).Kind, (await Clients.FailStreamAsync(server.Uri)).Error.StatusCode));
    }

    private static string Everything(HeliconeException e) =>
        string.Join("\n", [e.ToString(), e.Message, e.Code, e.RequestId, e.PartialText, .. e.Upstream.Select(u => u.ToString()), .. e.Attempts.Select(a => a.ToString() + a.Message + string.Concat(a.Upstream))]);
}
