using System;
using System.Text.Json;
using Helicone.Chat;
using Helicone.Spending;

namespace Helicone.LocalGateway.Log;

/// <summary>The facts about an answer that its body contains.</summary>
/// <param name="Model">The model that answered.</param>
/// <param name="Usage">What it counted.</param>
internal readonly record struct AnswerFacts(string? Model, ChatUsage? Usage)
{
    /// <summary>Reads the JSON of an answer in the form of OpenAI, Anthropic, or Google; returns nothing for any other form.</summary>
    public static AnswerFacts Read(ReadOnlySpan<byte> json)
    {
        string? model = null;
        UsageReader counts = default;
        try
        {
            Read(json, ref model, ref counts);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // No JSON, or a text in it is no valid UTF-8. It goes into the log as it is.
        }

        return new AnswerFacts(model, counts.ToUsage());
    }

    /// <summary>Reads one object, or one event of a stream. Its values replace earlier ones.</summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
    internal static void Read(ReadOnlySpan<byte> json, ref string? model, ref UsageReader counts)
    {
        Utf8JsonReader reader = new(json, GatewayJson.ReaderOptions);
        if (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            ReadObject(ref reader, ref model, ref counts);
        }
    }

    private static void ReadObject(ref Utf8JsonReader reader, ref string? model, ref UsageReader counts)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isModel = reader.ValueTextEquals("model"u8) || reader.ValueTextEquals("modelVersion"u8);
            bool isUsage = !isModel && (reader.ValueTextEquals("usage"u8) || reader.ValueTextEquals("usageMetadata"u8));

            // Anthropic's first event and OpenAI's last Responses event carry the answer within.
            bool isInner = !isModel && !isUsage && (reader.ValueTextEquals("message"u8) || reader.ValueTextEquals("response"u8));
            reader.Read();
            if (isModel && reader.TokenType == JsonTokenType.String)
            {
                model = reader.GetString() is { Length: > 0 } text ? text : model;
            }
            else if (isUsage && reader.TokenType == JsonTokenType.StartObject)
            {
                counts.Read(ref reader);
            }
            else if (isInner && reader.TokenType == JsonTokenType.StartObject)
            {
                ReadObject(ref reader, ref model, ref counts);
            }
            else
            {
                reader.Skip();
            }
        }
    }
}
