using Helicone.Core.Tests.Servers;
using Helicone.Errors;
using static Helicone.Core.Tests.Faults.Expectation;
using static Helicone.Core.Tests.Faults.Script;
using static Helicone.Errors.HeliconeErrorKind;

namespace Helicone.Core.Tests.Faults;

public static partial class FaultTable
{
    /// <summary>The gateway returns 500 for most errors of a provider; the true status is in the details.</summary>
    private static IEnumerable<Fault> Envelopes() =>
    [
        Envelope("400", 500, Permanent(InvalidRequest, 400, "top_k"), ("request_failed", 400, "gpt-4o/openai/byok", "Unsupported parameter: top_k")),
        Envelope("404", 500, Permanent(ModelNotFound, 404), ("request_failed", 404, "gpt-9/openai/byok", "The model `gpt-9` does not exist or you do not have access to it.")),
        Envelope("a prompt that is too long", 500, Permanent(ContextTooLong, 400), ("request_failed", 400, "gpt-4o/openai/ptb", "This model's maximum context length is 128000 tokens.")),
        Envelope("a content filter", 500, Permanent(ContentBlocked, 400), ("request_failed", 400, "gpt-4o/azure/byok", "The response was filtered due to Azure's content_policy")),
        Envelope("422", 500, Permanent(InvalidRequest, 422), ("request_failed", 422, "m/mistral/byok", "field required")),
        Envelope("529", 500, Passing(UpstreamFailed, 529), ("request_failed", 529, "claude-4.5-sonnet/anthropic/ptb", "Overloaded")),
        Envelope("500", 500, Passing(UpstreamFailed, 500), ("request_failed", 500, "gpt-4o/openai/byok", "The server had an error")),
        Envelope("401", 401, Permanent(Unauthenticated, 401), ("request_failed", 401, "gpt-4o/openai/byok", "Incorrect API key provided")),
        Envelope("403", 403, Permanent(Forbidden, 403), ("request_failed", 403, "gpt-4o/openai/byok", "Country not supported")),
        Envelope("429", 429, Passing(RateLimited, 429), ("rate_limited", 429, "gpt-4o/openai/ptb", "Rate limited")),
        Envelope("an empty purse", 429, Permanent(InsufficientCredits, 429), ("insufficient_credit_limit", 429, "gpt-4o/openai/ptb", "Insufficient balance for escrow. Available: 1 cents, needed: 9 cents")),
        Envelope("a provider's empty purse", 429, Permanent(InsufficientCredits, 429), ("request_failed", 429, "gpt-4o/openai/byok", "insufficient_quota: You exceeded your current quota")),
        Envelope("what is not allowed", 400, Permanent(InvalidRequest, 400), ("disallowed", 400, "o9/openai/ptb", "Cloud billing is disabled for this model and provider.")),
        Envelope("a malformed request", 400, Permanent(InvalidRequest, 400), ("invalid_format", 400, "gpt-4o/openai/ptb", "messages: Required")),
        Envelope("a missing key of a provider", 500, Permanent(Unauthenticated, 500), ("missing_provider_key", 500, "gpt-4o/openai/byok", "No provider key found")),
        Envelope("a model that nobody serves", 500, Permanent(ModelNotFound, 500), ("model_not_supported", 500, "gpt-9/openai/ptb", "not supported")),

        // Chains: the transient attempt decides, or the first one whose error is more than a missing configuration.
        Envelope("400, then 503", 500, Passing(UpstreamFailed, 503), ("request_failed", 400, "a/openai/byok", "Bad request"), ("request_failed", 503, "b/anthropic/ptb", "Unavailable")),
        Envelope("503, then 400", 500, Passing(UpstreamFailed, 503), ("request_failed", 503, "b/anthropic/ptb", "Unavailable"), ("request_failed", 400, "a/openai/byok", "Bad request")),
        Envelope("401, then 429", 401, Passing(RateLimited, 429), ("request_failed", 401, "a/openai/byok", "Bad key"), ("rate_limited", 429, "b/groq/ptb", "Slow down")),
        Envelope("no key, then 404", 500, Permanent(ModelNotFound, 404), ("missing_provider_key", 500, "a/openai/byok", "No provider key found"), ("request_failed", 404, "a/openai/ptb", "model not found")),
        Envelope("an empty purse, then 500", 429, Passing(UpstreamFailed, 500), ("insufficient_credit_limit", 429, "a/openai/ptb", "Insufficient balance for escrow."), ("request_failed", 500, "b/groq/byok", "oops")),
        Envelope("400, then 401, then 404", 500, Permanent(InvalidRequest, 400), ("request_failed", 400, "a/openai/byok", "Bad request"), ("request_failed", 401, "b/groq/byok", "Bad key"), ("request_failed", 404, "c/xai/byok", "model not found")),
        new("envelope without details", Respond(500, Answers.Envelope("all_attempts_failed", "No available providers for model gpt-9")), Permanent(ModelNotFound, 500)) { KeepsTheConnection = true },
        new("envelope with details that are none", Respond(500, """{"success":false,"error":{"code":17,"message":{"text":"odd"},"details":[null,7,"x",{"type":"a"},{"statusCode":"400","source":null},{"statusCode":1e99,"source":"m/p/ptb"}],"param":null}}"""), Passing(UpstreamFailed, 500, "odd")) { KeepsTheConnection = true },
    ];

    private static Fault Envelope(string name, int wire, Expectation expected, params (string Type, int Status, string Source, string Message)[] details) =>
        new($"envelope of {wire} around {name}", Respond(wire, Answers.Envelope("request_failed", "Something went wrong", details)), expected) { KeepsTheConnection = true };
}
