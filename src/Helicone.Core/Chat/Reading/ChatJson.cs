using System;
using System.Collections.Generic;
using System.Text;
using System.Text.Json;
using Helicone.Serialization;
using Helicone.Spending;

namespace Helicone.Chat;

/// <summary>Reads OpenAI's chat JSON by hand: only what a completion or a chunk needs, without a document in between.</summary>
/// <remarks>
/// Blocking answers and stream chunks differ in one name, <c>message</c> and <c>delta</c>, so one reader serves both. Servers that send both
/// (Perplexity) repeat the whole text in the other one: a whole answer's <c>message</c> counts, and an event's <c>delta</c>.
/// </remarks>
internal static class ChatJson
{
    internal static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = 256 };

    /// <summary>Reads a whole answer.</summary>
    /// <exception cref="JsonException">The text isn't JSON, or a field doesn't follow the protocol.</exception>
    internal static ChatEvent Read(ReadOnlySpan<byte> json) => Read(json, null);

    /// <summary>Reads an event of a stream.</summary>
    /// <param name="json">The document.</param>
    /// <param name="head">The fields that every event repeats, as far as they are known; <see langword="null"/> for a whole answer.</param>
    /// <exception cref="JsonException">The text isn't JSON, or a field doesn't follow the protocol.</exception>
    internal static ChatEvent Read(ReadOnlySpan<byte> json, ChatHead? head)
    {
        Utf8JsonReader reader = new(json, ReaderOptions);
        ChatEvent result = new();
        if (!reader.Read())
        {
            throw new JsonException("The document is empty.");
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return result;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("choices"u8))
            {
                reader.Read();
                ReadChoices(ref reader, result, json, isStream: head is not null);
            }
            else if (reader.ValueTextEquals("model"u8))
            {
                reader.Read();
                string? model = head?.Model;
                result.Model = model is not null && reader.TokenType == JsonTokenType.String && reader.ValueTextEquals(model) ? model : JsonText.StringOf(ref reader);
                if (head is not null && result.Model is { Length: > 0 })
                {
                    head.Model = result.Model;
                }
            }
            else if (reader.ValueTextEquals("usage"u8))
            {
                reader.Read();
                int start = (int)reader.TokenStartIndex;
                result.Usage = ReadUsage(ref reader);
                if (result.Usage is not null)
                {
                    result.UsageJson = json.Slice(start, (int)reader.BytesConsumed - start).ToArray();
                }
            }
            else if (reader.ValueTextEquals("error"u8))
            {
                reader.Read();
                result.HasError |= reader.TokenType == JsonTokenType.StartObject
                    || (reader.TokenType == JsonTokenType.String && !reader.ValueTextEquals(""u8));
                reader.Skip();
            }
            else if (ChatHead.IndexOf(ref reader) is >= 0 and int field)
            {
                reader.Read();
                int start = (int)reader.TokenStartIndex;
                reader.Skip();
                head?.Take(field, json.Slice(start, (int)reader.BytesConsumed - start));
            }
            else if (reader.ValueTextEquals("obfuscation"u8) || (head is not null && reader.ValueTextEquals("p"u8)))
            {
                // Padding against eavesdroppers (OpenAI, Mistral): different with every event, and no part of the answer.
                reader.Read();
                reader.Skip();
            }
            else if (ReadExtra(ref reader) is { } extra)
            {
                (result.Extra ??= []).Add(extra);
            }
        }

        result.Usage ??= UsageElsewhere(result);

        // Anything behind the document is as wrong as a document cut short.
        if (reader.Read())
        {
            throw new JsonException("There is more after the document.");
        }

        return result;
    }

    // Groq's older models report the usage of a stream in x_groq alone (vercel/ai, packages/groq), Moonshot in the last choice (higress-group/higress#1568).
    private static ChatUsage? UsageElsewhere(ChatEvent part)
    {
        JsonElement groq = Field(part.Extra, "x_groq");
        return groq.ValueKind == JsonValueKind.Object && groq.TryGetProperty("usage", out JsonElement usage)
            ? ReadUsage(usage)
            : Field(part.Choice?.ChoiceExtra, "usage") is { ValueKind: JsonValueKind.Object } ofChoice ? ReadUsage(ofChoice) : null;
    }

    private static JsonElement Field(List<KeyValuePair<string, JsonElement>>? fields, string name) =>
        fields is null ? default : fields.Find(field => field.Key == name).Value;

    private static ChatUsage? ReadUsage(JsonElement value)
    {
        Utf8JsonReader reader = new(Encoding.UTF8.GetBytes(value.GetRawText()), ReaderOptions);
        reader.Read();
        return ReadUsage(ref reader);
    }

    // Images, annotations, citations and whatever comes next: kept as they are.
    private static KeyValuePair<string, JsonElement>? ReadExtra(ref Utf8JsonReader reader)
    {
        string name = reader.GetString()!;
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        return new KeyValuePair<string, JsonElement>(name, ReadValue(ref reader));
    }

    private static void ReadChoices(ref Utf8JsonReader reader, ChatEvent result, ReadOnlySpan<byte> json, bool isStream)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return;
        }

        result.HasChoices = true;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            ChatDelta choice = new() { Index = result.Choice is null ? 0 : result.MoreChoices.Count + 1 };
            ReadChoice(ref reader, choice, json, isStream);
            result.Add(choice);
        }
    }

    private static void ReadChoice(ref Utf8JsonReader reader, ChatDelta choice, ReadOnlySpan<byte> json, bool isStream)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        bool hasPreferred = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isDelta = reader.ValueTextEquals("delta"u8);
            if (isDelta || reader.ValueTextEquals("message"u8))
            {
                reader.Read();
                bool isPreferred = isDelta == isStream;
                if (hasPreferred && !isPreferred)
                {
                    reader.Skip();
                    continue;
                }

                if (choice.HasMessage)
                {
                    choice.ClearMessage();
                }

                hasPreferred = isPreferred && reader.TokenType == JsonTokenType.StartObject;
                int start = (int)reader.TokenStartIndex;
                ReadMessage(ref reader, choice);
                choice.MessageRange = (start, (int)reader.BytesConsumed - start);
            }
            else if (reader.ValueTextEquals("finish_reason"u8))
            {
                reader.Read();

                // Some servers send an empty one with every chunk, which must not make a cut answer a whole one.
                choice.FinishReason = JsonText.StringOf(ref reader) is { Length: > 0 } reason ? reason : null;
            }
            else if (reader.ValueTextEquals("index"u8))
            {
                reader.Read();
                choice.Index = Index(ref reader);
            }
            else if (ReadExtra(ref reader) is { } extra)
            {
                (choice.ChoiceExtra ??= []).Add(extra);
            }
        }
    }

    private static void ReadMessage(ref Utf8JsonReader reader, ChatDelta choice)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        choice.HasMessage = true;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("content"u8))
            {
                reader.Read();
                ReadContent(ref reader, choice);
            }
            else if (reader.ValueTextEquals("role"u8))
            {
                reader.Read();

                // The one role that ever answers needs no new string for each chunk.
                choice.Role = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("assistant"u8) ? "assistant" : JsonText.StringOf(ref reader);
            }
            else if (reader.ValueTextEquals("reasoning_content"u8))
            {
                reader.Read();
                choice.ReasoningContent = JsonText.StringOf(ref reader);
            }
            else if (reader.ValueTextEquals("reasoning"u8))
            {
                reader.Read();
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.Null)
                {
                    choice.ReasoningField = JsonText.StringOf(ref reader);
                }
                else
                {
                    AddReasoning(choice, "reasoning", ReadValue(ref reader));
                }
            }
            else if (reader.ValueTextEquals("reasoning_details"u8))
            {
                reader.Read();
                AddReasoning(choice, "reasoning_details", ReadValue(ref reader));
            }
            else if (reader.ValueTextEquals("refusal"u8))
            {
                reader.Read();
                choice.Refusal = JsonText.StringOf(ref reader);
            }
            else if (reader.ValueTextEquals("tool_calls"u8))
            {
                reader.Read();
                List<ToolCallPiece> pieces = ToolCallReader.Read(ref reader);
                choice.ToolCalls = pieces.Count > 0 ? pieces : null;
            }
            else if (ReadExtra(ref reader) is { } extra)
            {
                (choice.Extra ??= []).Add(extra);
            }
        }
    }

    private static void ReadContent(ref Utf8JsonReader reader, ChatDelta choice)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            choice.Text = JsonText.StringOf(ref reader);
            return;
        }

        JsonElement parts = ReadValue(ref reader);
        choice.Parts = parts;
        string text = string.Empty;
        foreach (JsonElement item in parts.EnumerateArray())
        {
            if (item.ValueKind is not (JsonValueKind.Object or JsonValueKind.String))
            {
                continue;
            }

            ContentPart part = ContentPart.Read(item);
            if (part.Kind == ContentPartKind.Text)
            {
                text += part.Text;
            }
            else if (part.Kind == ContentPartKind.Reasoning)
            {
                choice.ReasoningInParts += part.Text;
            }
            else if (part.Kind == ContentPartKind.Refusal)
            {
                choice.Refusal += part.Text;
            }
        }

        choice.Text = text;
    }

    private static void AddReasoning(ChatDelta choice, string name, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Null)
        {
            return;
        }

        choice.ReasoningInParts += ReasoningText.Of(value);
        (choice.Extra ??= []).Add(new KeyValuePair<string, JsonElement>(name, value));
    }

    private static JsonElement ReadValue(ref Utf8JsonReader reader)
    {
        using JsonDocument value = JsonDocument.ParseValue(ref reader);
        return value.RootElement.Clone();
    }

    private static ChatUsage? ReadUsage(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return null;
        }

        UsageReader usage = default;
        usage.Read(ref reader);
        return usage.ToUsage();
    }

    // A count: never negative, and never so large that a sum of two overflows.
    private static long Number(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Number)
        {
            return reader.TryGetDouble(out double value) && value >= 1 ? (long)Math.Min(value, 1e15) : 0;
        }

        reader.Skip();
        return 0;
    }

    private static int Index(ref Utf8JsonReader reader) => (int)Math.Min(Number(ref reader), int.MaxValue);
}
