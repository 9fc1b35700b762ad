using System;
using System.Collections.Generic;
using System.Linq;

namespace Helicone.Offline.Errors;

/// <summary>What the gateway answers when every attempt failed: one status for all of them, the truth in <c>details[]</c>.</summary>
/// <remarks>The order of the rules is that of Helicone's SimpleAIGateway.createErrorResponse; a script that reads it there reads it here.</remarks>
internal sealed record ErrorEnvelope(int StatusCode, string Code, string Message, IReadOnlyList<AttemptError> Details)
{
    private const string RequestFailed = "request_failed";

    /// <summary>The time to wait before a retry can succeed: until the first of the providers that named a time accepts calls again.</summary>
    public TimeSpan? RetryAfter => Details.Min(d => d.RetryAfter);

    public static ErrorEnvelope For(IReadOnlyList<AttemptError> errors)
    {
        if (errors.FirstOrDefault(e => e.StatusCode == 403) is { } forbidden)
        {
            return new ErrorEnvelope(403, RequestFailed, forbidden.Message, errors);
        }

        if (errors.Any(e => e.StatusCode == 401))
        {
            return new ErrorEnvelope(401, RequestFailed, "Authentication failed", errors);
        }

        if (errors.FirstOrDefault(IsProvidersOwn) is { } failed)
        {
            // A provider's 400 or 404 becomes a 500 here: the cloud does so, and only details[] keeps the difference.
            return new ErrorEnvelope(500, RequestFailed, failed.Message is "" ? "Request failed" : failed.Message, errors);
        }

        if (errors.FirstOrDefault(e => e is { StatusCode: 400, Type: AttemptErrorType.InvalidFormat }) is { } invalid)
        {
            return new ErrorEnvelope(400, RequestFailed, invalid.Message, errors);
        }

        if (errors.Count > 0 && errors.All(e => e.Type == AttemptErrorType.Disallowed))
        {
            const string Message = "Cloud billing is disabled for all requested models. Please contact support@helicone.ai for help";
            return new ErrorEnvelope(400, RequestFailed, Message, errors);
        }

        if (errors.Count > 0 && errors.All(e => e.StatusCode == 429))
        {
            return errors.Any(e => e.Type == AttemptErrorType.InsufficientCreditLimit)
                ? new ErrorEnvelope(429, RequestFailed, "Insufficient credits", errors)
                : new ErrorEnvelope(429, "rate_limited", "Rate limited", errors);
        }

        return new ErrorEnvelope(500, "all_attempts_failed", "All attempts failed", errors);
    }

    public byte[] ToJson() => OfflineJson.Utf8(json =>
    {
        json.WriteStartObject();
        json.WriteBoolean("success"u8, false);
        json.WriteStartObject("error"u8);
        json.WriteString("code"u8, Code);
        json.WriteString("message"u8, Message);
        json.WriteStartArray("details"u8);
        foreach (AttemptError error in Details)
        {
            error.WriteTo(json, error.Message);
        }

        json.WriteEndArray();
        json.WriteNull("param"u8);
        json.WriteEndObject();
        json.WriteEndObject();
    });

    private static bool IsProvidersOwn(AttemptError error) =>
        error.StatusCode is not (429 or 403 or 401) && error.Type is not (AttemptErrorType.InvalidFormat or AttemptErrorType.Disallowed);
}
