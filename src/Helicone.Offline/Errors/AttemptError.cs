using System;
using System.Text.Json;

namespace Helicone.Offline.Errors;

/// <summary>Why one attempt at a provider failed: an entry of the envelope's <c>details[]</c>.</summary>
/// <param name="Type">One of <see cref="AttemptErrorType"/>.</param>
/// <param name="Message">The message of the provider, or the reason why the gateway didn't call it.</param>
/// <param name="StatusCode">The true status, before the envelope flattens it.</param>
/// <param name="Source">Where it went: <c>model/provider/byok[/deployment]</c> or <c>model/provider/ptb</c>.</param>
internal sealed record AttemptError(string Type, string Message, int StatusCode, string? Source = null)
{
    /// <summary>The wait that the provider requests; <see langword="null"/> when it didn't specify one.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Indicates whether Helicone itself refused: then no other provider is asked if it is the first error (SimpleAIGateway.handle).</summary>
    public bool IsHeliconeRefusal => StatusCode == 429 && Type is AttemptErrorType.InsufficientCreditLimit or AttemptErrorType.RateLimited;

    /// <summary>Writes it as an entry of <c>details[]</c>.</summary>
    public void WriteTo(Utf8JsonWriter json, string? message)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, Type);
        if (message is not null)
        {
            json.WriteString("message"u8, message);
        }

        json.WriteNumber("statusCode"u8, StatusCode);
        if (Source is not null)
        {
            json.WriteString("source"u8, Source);
        }

        json.WriteEndObject();
    }
}
