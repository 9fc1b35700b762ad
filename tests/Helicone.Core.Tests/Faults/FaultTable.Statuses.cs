using Helicone.Core.Tests.Servers;
using Helicone.Errors;
using static Helicone.Core.Tests.Faults.Expectation;
using static Helicone.Core.Tests.Faults.Script;
using static Helicone.Errors.HeliconeErrorKind;

namespace Helicone.Core.Tests.Faults;

public static partial class FaultTable
{
    /// <summary>Status → kind, and whether it can pass.</summary>
    private static readonly (int Status, HeliconeErrorKind Kind, bool Passes)[] s_statuses =
    [
        (400, InvalidRequest, false),
        (401, Unauthenticated, false),
        (402, InsufficientCredits, false),
        (403, Forbidden, false),
        (404, InvalidRequest, false),
        (405, InvalidRequest, false),
        (408, UpstreamFailed, true),
        (409, UpstreamFailed, true),
        (413, InvalidRequest, false),
        (422, InvalidRequest, false),
        (425, UpstreamFailed, true),
        (429, RateLimited, true),
        (500, UpstreamFailed, true),
        (501, UpstreamFailed, false),
        (502, UpstreamFailed, true),
        (503, UpstreamFailed, true),
        (504, UpstreamFailed, true),
        (520, UpstreamFailed, true),
        (529, UpstreamFailed, true),
    ];

    /// <summary>Body → the expected text in the message.</summary>
    private static readonly (string Name, string ContentType, string Body, string Says)[] s_shapes =
    [
        ("no words", "text/plain", "", "without a message"),
        ("plain text", "text/plain;charset=UTF-8", "It went wrong", "It went wrong"),
        ("a string", "application/json", """{"error":"It went wrong"}""", "It went wrong"),
        ("OpenAI's object", "application/json", """{"error":{"message":"It went wrong","type":"some_error","param":null,"code":null}}""", "It went wrong"),
        ("the envelope", "text/plain;charset=UTF-8", Answers.Envelope("request_failed", "It went wrong"), "It went wrong"),
        ("a web page", "text/html", "<html><body>It went wrong</body></html>", "a web page instead of Helicone's answer: It went wrong"),
        ("half an envelope", "application/json", """{"success":false,"error":{"message":"It went wr""", "It went wr"),
    ];

    private static IEnumerable<Fault> Statuses()
    {
        foreach ((int status, HeliconeErrorKind kind, bool passes) in s_statuses)
        {
            foreach ((string name, string contentType, string body, string says) in s_shapes)
            {
                yield return new Fault($"{status} with {name}", RespondAs(contentType, status, body), passes ? Passing(kind, status, says) : Permanent(kind, status, says)) { KeepsTheConnection = true };
            }
        }

        // Known answers of the gateway and the servers around it (reference 1.6).
        yield return Says(401, "Invalid Helicone API key (hshed)", Permanent(Unauthenticated, 401));
        yield return Says(401, "Organization not found", Permanent(Unauthenticated, 401));
        yield return Says(400, "Invalid body or missing model. See supported models at https://helicone.ai/models", Permanent(ModelNotFound, 400));
        yield return Says(400, "Invalid provider in global ignore list: foo", Permanent(InvalidRequest, 400));
        yield return Says(400, """{"error":"Variable 'x' is 'number' but got 'v'\nVariable 'y' is missing"}""", Permanent(InvalidRequest, 400, "Variable 'x' is 'number'"));
        yield return Says(400, """{"error":"messages.0.role: Invalid. See https://docs.helicone.ai/rest/ai-gateway/post-v1-chat-completions"}""", Permanent(InvalidRequest, 400, "messages.0.role"));
        yield return Says(500, """{"helicone-message":"Helicone ran into an error servicing your request","support":"write to us","helicone-error":"TypeError: x"}""", Passing(UpstreamFailed, 500, "TypeError: x"), "helicone-error: true");
        yield return Says(500, "Cache bucket size cannot be greater than 20", Permanent(InvalidRequest, 500));
        yield return Says(400, """{"success":false,"error":{"code":"PROMPT_FLAGGED_FOR_MODERATION","message":"The given prompt was flagged.","details":"See your request page."}}""", Permanent(ContentBlocked, 400, "flagged"));
        yield return Says(400, """{"success":false,"error":{"code":"PROMPT_THREAT_DETECTED","message":"Prompt threat detected.","details":"See your request page."}}""", Permanent(ContentBlocked, 400, "threat"));
        yield return Says(500, """{"success":false,"error":{"code":"INTERNAL_SERVER_ERROR","message":"Request to OpenAI moderation endpoint failed."}}""", Passing(UpstreamFailed, 500, "moderation endpoint"));
        yield return Says(500, """{"success":false,"error":{"code":"PEYEEYE_MISCONFIGURED","message":"PII redaction is not configured"}}""", Permanent(UpstreamFailed, 500, "not configured"));
        yield return Says(502, """{"success":false,"error":{"code":"PEYEEYE_REDACT_FAILED","message":"PII redaction failed"}}""", Passing(UpstreamFailed, 502, "redaction failed"));
        yield return Says(429, """{"message":"Helicone user was rate limit via Helicone-RateLimit-Policy header. Please wait."}""", Passing(RateLimited, 429, "Helicone-RateLimit-Policy"), "X-Helicone-Error: rate_limited");
        yield return Says(400, """{"error":{"message":"Bad model","type":"invalid_request_error","code":"model_not_found"}}""", Permanent(ModelNotFound, 400, "Bad model"));
        yield return Says(400, """{"error":{"message":"too long","type":"invalid_request_error","param":null,"code":"context_length_exceeded"}}""", Permanent(ContextTooLong, 400));
        yield return Says(413, """{"error":{"message":"prompt is too long: 250000 tokens > 200000 maximum"}}""", Permanent(ContextTooLong, 413, "250000"));
        yield return Says(422, """{"detail":[{"loc":["body","messages"],"msg":"field required"}]}""", Permanent(InvalidRequest, 422, "field required"));

        // Too many requests pass; an empty purse does not.
        yield return Says(429, "Insufficient balance for escrow. Available: 3 cents, needed: 40 cents", Permanent(InsufficientCredits, 429, "Available: 3 cents"));
        yield return Says(429, """{"error":{"message":"You exceeded your current quota, please check your plan and billing details.","type":"insufficient_quota","code":"insufficient_quota"}}""", Permanent(InsufficientCredits, 429, "current quota"));
        yield return Says(429, """[{"error":{"code":429,"message":"You exceeded your current quota. Please retry in 12.5s.","status":"RESOURCE_EXHAUSTED"}}]""", Passing(RateLimited, 429, "retry in 12.5s"));
        yield return Says(400, """{"error":{"message":"Your credit balance is too low to access the API.","type":"invalid_request_error"}}""", Permanent(InsufficientCredits, 400));
    }

    private static Fault Says(int status, string body, Expectation expected, params string[] headers) =>
        new($"{status}: {(body.Length > 60 ? body[..60] + "…" : body)}", Respond(status, body, headers), expected) { KeepsTheConnection = true };
}
