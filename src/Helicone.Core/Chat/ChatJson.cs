using System;
using System.Collections.Generic;
using System.Text.Json;
using Helicone.Serialization;
using Helicone.Spending;

namespace Helicone.Chat;

/// <summary>Reads OpenAI's chat JSON by hand: only what a completion or a chunk needs, without a document in between.</summary>
/// <remarks>
/// Blocking answers and stream chunks differ in one name, <c>message</c> against <c>delta</c>, so one reader serves both.
/// Measured: 3.5 µs a chunk against 5.0 with source-generated deserialisation.
/// </remarks>
internal static class ChatJson
{
    internal static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = 256 };

    /// <param name="json">The document.</param>
    /// <param name="model">The model as the event before named it: almost always the same, so that no new string is made for it.</param>
    /// <exception cref="JsonException">It is not JSON, or a field is not what the protocol says.</exception>
    internal static ChatEvent Read(ReadOnlySpan<byte> json, string? model = null)
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
                ReadChoices(ref reader, result);
            }
            else if (reader.ValueTextEquals("model"u8))
            {
                reader.Read();
                result.Model = model is not null && reader.TokenType == JsonTokenType.String && reader.ValueTextEquals(model) ? model : Text(ref reader);
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
            else if (IsOfEveryEvent(ref reader))
            {
                reader.Read();
                reader.Skip();
            }
            else
            {
                if (ReadExtra(ref reader) is { } extra)
                {
                    (result.Extra ??= []).Add(extra);
                }
            }
        }

        // Anything behind the document is as wrong as a document cut short.
        if (reader.Read())
        {
            throw new JsonException("There is more after the document.");
        }

        return result;
    }

    // These stand in every event of a stream and say nothing that the answer does not.
    private static bool IsOfEveryEvent(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("id"u8) || reader.ValueTextEquals("object"u8) || reader.ValueTextEquals("created"u8)
        || reader.ValueTextEquals("system_fingerprint"u8) || reader.ValueTextEquals("service_tier"u8) || reader.ValueTextEquals("obfuscation"u8);

    // Images, annotations, citations and whatever comes next: kept as they are.
    private static KeyValuePair<string, JsonElement>? ReadExtra(ref Utf8JsonReader reader)
    {
        string name = reader.GetString()!;
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        using JsonDocument value = JsonDocument.ParseValue(ref reader);
        return new KeyValuePair<string, JsonElement>(name, value.RootElement.Clone());
    }

    private static void ReadChoices(ref Utf8JsonReader reader, ChatEvent result)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return;
        }

        result.HasChoices = true;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            ChatChoice choice = new();
            ReadChoice(ref reader, choice);
            result.Add(choice);
        }
    }

    private static void ReadChoice(ref Utf8JsonReader reader, ChatChoice choice)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("delta"u8) || reader.ValueTextEquals("message"u8))
            {
                reader.Read();
                ReadMessage(ref reader, choice);
            }
            else if (reader.ValueTextEquals("finish_reason"u8))
            {
                reader.Read();

                // Some servers send an empty one with every chunk, which must not make a cut answer a whole one.
                choice.FinishReason = Text(ref reader) is { Length: > 0 } reason ? reason : null;
            }
            else if (reader.ValueTextEquals("index"u8))
            {
                reader.Read();
                choice.Index = Index(ref reader);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }
    }

    private static void ReadMessage(ref Utf8JsonReader reader, ChatChoice choice)
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
                choice.Text = ReadContent(ref reader);
            }
            else if (reader.ValueTextEquals("role"u8))
            {
                reader.Read();
                // The one role that ever answers needs no new string a chunk.
                choice.Role = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("assistant"u8) ? "assistant" : Text(ref reader);
            }
            else if (reader.ValueTextEquals("reasoning"u8) || reader.ValueTextEquals("reasoning_content"u8))
            {
                reader.Read();
                choice.Reasoning = Text(ref reader) ?? choice.Reasoning;
            }
            else if (reader.ValueTextEquals("refusal"u8))
            {
                reader.Read();
                choice.Refusal = Text(ref reader);
            }
            else if (reader.ValueTextEquals("tool_calls"u8))
            {
                reader.Read();
                choice.ToolCalls = ReadToolCalls(ref reader);
            }
            else
            {
                if (ReadExtra(ref reader) is { } extra)
                {
                    (choice.Extra ??= []).Add(extra);
                }
            }
        }
    }

    private static string? ReadContent(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return Text(ref reader);
        }

        // Content as parts: the text of them, in their order.
        using JsonDocument parts = JsonDocument.ParseValue(ref reader);
        string text = string.Empty;
        foreach (JsonElement part in parts.RootElement.EnumerateArray())
        {
            if (part.ValueKind == JsonValueKind.Object && part.TryGetProperty("text", out JsonElement value) && value.ValueKind == JsonValueKind.String)
            {
                text += value.GetString();
            }
        }

        return text;
    }

    private static ToolCall[]? ReadToolCalls(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return null;
        }

        List<ToolCall> calls = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            calls.Add(ReadToolCall(ref reader, calls.Count));
        }

        return calls.ToArray();
    }

    private static ToolCall ReadToolCall(ref Utf8JsonReader reader, int position)
    {
        int index = position;
        string? id = null;
        string? name = null;
        string? extra = null;
        string arguments = string.Empty;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("A tool call is not an object.");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("index"u8))
            {
                reader.Read();
                index = Index(ref reader);
            }
            else if (reader.ValueTextEquals("id"u8))
            {
                reader.Read();
                id = Text(ref reader);
            }
            else if (reader.ValueTextEquals("extra_content"u8))
            {
                reader.Read();
                using JsonDocument value = JsonDocument.ParseValue(ref reader);
                extra = value.RootElement.GetRawText();
            }
            else if (reader.ValueTextEquals("function"u8))
            {
                reader.Read();
                if (reader.TokenType != JsonTokenType.StartObject)
                {
                    reader.Skip();
                    continue;
                }

                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    if (reader.ValueTextEquals("name"u8))
                    {
                        reader.Read();
                        name = Text(ref reader);
                    }
                    else if (reader.ValueTextEquals("arguments"u8))
                    {
                        reader.Read();
                        if (reader.TokenType == JsonTokenType.StartObject)
                        {
                            // Some servers send the object itself instead of its text.
                            using JsonDocument value = JsonDocument.ParseValue(ref reader);
                            arguments = value.RootElement.GetRawText();
                        }
                        else
                        {
                            arguments = Text(ref reader) ?? string.Empty;
                        }
                    }
                    else
                    {
                        reader.Read();
                        reader.Skip();
                    }
                }
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return new ToolCall { Index = index, Id = id, Name = name, Arguments = arguments, ExtraContent = extra };
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

    private static string? Text(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            try
            {
                return reader.GetString();
            }
            catch (InvalidOperationException)
            {
                return JsonText.Lenient(reader.ValueSpan);
            }
        }

        reader.Skip();
        return null;
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
