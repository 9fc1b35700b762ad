using System.Text.Json;
using Helicone.Offline.Errors;

namespace Helicone.LocalGateway.Tests.Errors;

/// <summary>One test a rule, in the order of the rules.</summary>
public sealed class ErrorEnvelopeTests
{
    private static readonly AttemptError s_forbidden = new("request_failed", "Wallet is suspended", 403, "a/b/ptb");
    private static readonly AttemptError s_unauthorized = new("request_failed", "Incorrect API key", 401, "a/b/byok");
    private static readonly AttemptError s_notFound = new("request_failed", "No such model", 404, "a/b/byok");
    private static readonly AttemptError s_badRequest = new("request_failed", "Too long", 400, "a/c/byok");
    private static readonly AttemptError s_invalid = new("invalid_format", "n: too big", 400);
    private static readonly AttemptError s_disallowed = new("disallowed", "Cloud billing is disabled", 400);
    private static readonly AttemptError s_tooMany = new("request_failed", "Slow down", 429, "a/b/byok");
    private static readonly AttemptError s_broke = new("insufficient_credit_limit", "Insufficient balance for escrow", 429, "a/b/ptb");

    [Fact]
    public void Any403_Wins() => AssertEnvelope(403, "request_failed", "Wallet is suspended", s_notFound, s_unauthorized, s_forbidden);

    [Fact]
    public void Any401_ComesNext() => AssertEnvelope(401, "request_failed", "Authentication failed", s_notFound, s_invalid, s_unauthorized);

    [Fact]
    public void FirstProviderError_Becomes500WithItsMessage() => AssertEnvelope(500, "request_failed", "No such model", s_tooMany, s_invalid, s_notFound, s_badRequest);

    [Fact]
    public void ProviderErrorWithoutWords_GetsSome() => AssertEnvelope(500, "request_failed", "Request failed", s_notFound with { Message = "" });

    [Fact]
    public void InvalidFormat_Is400() => AssertEnvelope(400, "request_failed", "n: too big", s_tooMany, s_disallowed, s_invalid);

    [Fact]
    public void AllDisallowed_Is400() => AssertEnvelope(400, "request_failed", "Cloud billing is disabled for all requested models. Please contact support@helicone.ai for help", s_disallowed, s_disallowed);

    [Fact]
    public void All429_IsRateLimited() => AssertEnvelope(429, "rate_limited", "Rate limited", s_tooMany, s_tooMany);

    [Fact]
    public void All429WithoutCredits_SaysSo() => AssertEnvelope(429, "request_failed", "Insufficient credits", s_tooMany, s_broke);

    [Fact]
    public void AnyOtherMixture_Is500() => AssertEnvelope(500, "all_attempts_failed", "All attempts failed", s_tooMany, s_disallowed);

    [Fact]
    public void Nothing_Is500() => AssertEnvelope(500, "all_attempts_failed", "All attempts failed");

    [Fact]
    public void Json_IsTheEnvelope()
    {
        byte[] json = ErrorEnvelope.For([s_notFound with { Message = "Modèle \"x\"\n" }, s_invalid]).ToJson();

        Assert.Equal(
            """{"success":false,"error":{"code":"request_failed","message":"Modèle \"x\"\n","details":[{"type":"request_failed","message":"Modèle \"x\"\n","statusCode":404,"source":"a/b/byok"},{"type":"invalid_format","message":"n: too big","statusCode":400}],"param":null}}""",
            System.Text.Encoding.UTF8.GetString(json));
    }

    private static void AssertEnvelope(int status, string code, string message, params AttemptError[] errors)
    {
        ErrorEnvelope envelope = ErrorEnvelope.For(errors);

        Assert.Equal((status, code, message), (envelope.StatusCode, envelope.Code, envelope.Message));
        using JsonDocument json = JsonDocument.Parse(envelope.ToJson());
        Assert.Equal(errors.Length, json.RootElement.GetProperty("error").GetProperty("details").GetArrayLength());
    }
}
