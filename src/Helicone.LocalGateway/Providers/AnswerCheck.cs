using System;
using System.Text.Json;
using Helicone.LocalGateway.Requests;

namespace Helicone.LocalGateway.Providers;

/// <summary>Distinguishes an answer from other content with the same status: a web page, an error, half a document, or nothing.</summary>
internal static class AnswerCheck
{
    private static ReadOnlySpan<byte> ByteOrderMark => "\uFEFF"u8;

    /// <summary>The text without a byte order mark.</summary>
    public static ReadOnlySpan<byte> SkipByteOrderMark(ReadOnlySpan<byte> text) => text.StartsWith(ByteOrderMark) ? text[ByteOrderMark.Length..] : text;

    /// <summary>Checks an answer that came in one piece.</summary>
    /// <returns><see langword="null"/> when it is one.</returns>
    public static AnswerFault? OfWhole(ReadOnlySpan<byte> body, BodyMapping mapping)
    {
        ReadOnlySpan<byte> json = SkipByteOrderMark(body).Trim(" \t\r\n"u8);
        if (json.IsEmpty)
        {
            return new AnswerFault("sent an empty answer");
        }

        if (json[0] == (byte)'<')
        {
            return new AnswerFault("sent a web page instead of an answer");
        }

        try
        {
            return Read(json, needsChoice: mapping == BodyMapping.OpenAI);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return new AnswerFault("sent an answer that isn't complete JSON");
        }
    }

    /// <summary>Checks the first event of a stream: its data.</summary>
    /// <returns><see langword="null"/> when an answer begins with it.</returns>
    public static AnswerFault? OfFirstEvent(ReadOnlySpan<byte> data)
    {
        if (data.SequenceEqual("[DONE]"u8))
        {
            return new AnswerFault("ended its stream before the first event");
        }

        try
        {
            return Read(data, needsChoice: false);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return new AnswerFault("began its stream with an event that isn't JSON");
        }
    }

    private static AnswerFault? Read(ReadOnlySpan<byte> json, bool needsChoice)
    {
        Utf8JsonReader reader = new(json, GatewayJson.ReaderOptions);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return new AnswerFault("sent JSON that isn't an answer");
        }

        bool hasError = false;
        bool hasChoice = false;
        bool isBroken = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isError = reader.ValueTextEquals("error"u8);
            bool isType = reader.ValueTextEquals("type"u8);
            bool isChoices = reader.ValueTextEquals("choices"u8);
            reader.Read();
            hasError |= (isError && IsTruthy(ref reader)) || (isType && reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("error"u8));
            if (isChoices && reader.TokenType == JsonTokenType.StartArray)
            {
                ReadChoices(ref reader, ref hasChoice, ref isBroken);
            }

            reader.Skip();
        }

        // Whatever follows the object is an error, and only reading on finds it.
        reader.Read();
        return hasError || isBroken ? OfError(json)
            : needsChoice && !hasChoice ? new AnswerFault("sent JSON without a completion in it")
            : null;
    }

    /// <summary>From the start of the array to its end.</summary>
    private static void ReadChoices(ref Utf8JsonReader reader, ref bool hasChoice, ref bool isBroken)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool isMessage = reader.ValueTextEquals("message"u8);
                bool isReason = reader.ValueTextEquals("finish_reason"u8);
                reader.Read();
                hasChoice |= isMessage && reader.TokenType == JsonTokenType.StartObject;
                isBroken |= isReason && reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("error"u8);
                reader.Skip();
            }
        }
    }

    private static bool IsTruthy(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.Null or JsonTokenType.False => false,
        JsonTokenType.String => !reader.ValueSpan.IsEmpty,
        _ => true,
    };

    private static AnswerFault OfError(ReadOnlySpan<byte> json)
    {
        using JsonDocument document = JsonDocument.Parse(json.ToArray(), GatewayJson.DocumentOptions);
        JsonElement error = UpstreamError.ErrorIn(document.RootElement);
        return UpstreamError.MessageOf(error) is { Length: > 0 } message
            ? new AnswerFault(message, UpstreamError.StatusOf(error), IsProvidersOwn: true)
            : new AnswerFault("ended its answer with an error", UpstreamError.StatusOf(error));
    }
}
