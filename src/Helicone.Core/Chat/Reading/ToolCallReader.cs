using System.Collections.Generic;
using System.Text.Json;
using Helicone.Serialization;

namespace Helicone.Chat;

/// <summary>Reads <c>tool_calls</c> in every form that servers send. This is the only place that handles these dialects.</summary>
internal static class ToolCallReader
{
    /// <summary>Reads the value that the reader is at: the list of OpenAI, or an object as Cohere's models send it behind some proxies.</summary>
    internal static List<ToolCallPiece> Read(ref Utf8JsonReader reader)
    {
        List<ToolCallPiece> pieces = [];
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (reader.TokenType == JsonTokenType.StartObject)
                {
                    pieces.Add(ReadCall(ref reader));
                }
                else
                {
                    reader.Skip();
                }
            }
        }
        else if (reader.TokenType == JsonTokenType.StartObject)
        {
            ReadObject(ref reader, pieces);
        }
        else
        {
            reader.Skip();
        }

        return pieces;
    }

    /// <summary>Reads <c>function_call</c>, which OpenAI replaced with <c>tool_calls</c>: one call without an id.</summary>
    internal static ToolCallPiece ReadLegacy(ref Utf8JsonReader reader)
    {
        ToolCallPiece piece = new() { Index = 0 };
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            ReadTarget(ref reader, piece);
        }
        else
        {
            reader.Skip();
        }

        return piece;
    }

    // One call, or calls by index or name: { "0": { … }, "1": { … } }.
    private static void ReadObject(ref Utf8JsonReader reader, List<ToolCallPiece> pieces)
    {
        using JsonDocument document = JsonDocument.ParseValue(ref reader);
        JsonElement root = document.RootElement;
        bool isOne = root.TryGetProperty("function", out _) || root.TryGetProperty("custom", out _) || root.TryGetProperty("name", out _);
        if (isOne)
        {
            pieces.Add(Reread(root));
            return;
        }

        foreach (JsonProperty entry in root.EnumerateObject())
        {
            if (entry.Value.ValueKind == JsonValueKind.Object)
            {
                pieces.Add(Reread(entry.Value));
            }
        }
    }

    private static ToolCallPiece Reread(JsonElement call)
    {
        Utf8JsonReader reader = new(System.Text.Encoding.UTF8.GetBytes(call.GetRawText()), ChatJson.ReaderOptions);
        reader.Read();
        return ReadCall(ref reader);
    }

    private static ToolCallPiece ReadCall(ref Utf8JsonReader reader)
    {
        ToolCallPiece piece = new();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("index"u8))
            {
                reader.Read();
                piece.Index = reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out int index) && index >= 0 ? index : null;
                reader.Skip();
            }
            else if (reader.ValueTextEquals("id"u8))
            {
                reader.Read();
                piece.Id = JsonText.StringOf(ref reader) is { Length: > 0 } id ? id : null;
            }
            else if (reader.ValueTextEquals("type"u8))
            {
                reader.Read();
                string? type = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("function"u8) ? "function" : JsonText.StringOf(ref reader);
                piece.Type = string.IsNullOrEmpty(type) ? null : type;
            }
            else if (reader.ValueTextEquals("function"u8) || reader.ValueTextEquals("custom"u8))
            {
                bool isCustom = reader.ValueTextEquals("custom"u8);
                reader.Read();
                if (reader.TokenType != JsonTokenType.StartObject)
                {
                    reader.Skip();
                    continue;
                }

                piece.Type = isCustom ? "custom" : piece.Type;
                ReadTarget(ref reader, piece);
            }
            else if (!ReadTargetMember(ref reader, piece))
            {
                // extra_content, cache_control, and whatever comes next: kept as they are, because some must be sent back.
                string name = reader.GetString()!;
                reader.Read();
                if (reader.TokenType == JsonTokenType.Null)
                {
                    continue;
                }

                using JsonDocument value = JsonDocument.ParseValue(ref reader);
                (piece.Extra ??= []).Add(new KeyValuePair<string, JsonElement>(name, value.RootElement.Clone()));
            }
        }

        return piece;
    }

    private static void ReadTarget(ref Utf8JsonReader reader, ToolCallPiece piece)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!ReadTargetMember(ref reader, piece))
            {
                reader.Read();
                reader.Skip();
            }
        }
    }

    // Usually within function or custom; some servers leave that level out.
    private static bool ReadTargetMember(ref Utf8JsonReader reader, ToolCallPiece piece)
    {
        if (reader.ValueTextEquals("name"u8))
        {
            reader.Read();
            piece.Name = JsonText.StringOf(ref reader) is { Length: > 0 } name ? name : piece.Name;
            return true;
        }

        if (reader.ValueTextEquals("arguments"u8) || reader.ValueTextEquals("input"u8))
        {
            reader.Read();
            if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
            {
                // Some servers send the object itself instead of its text.
                using JsonDocument value = JsonDocument.ParseValue(ref reader);
                piece.Arguments = value.RootElement.GetRawText();
                piece.ArgumentsAreWhole = true;
            }
            else
            {
                piece.Arguments = JsonText.StringOf(ref reader) ?? piece.Arguments;
            }

            return true;
        }

        return false;
    }
}
