using System;
using System.Collections.Generic;
using System.Text.Json;

namespace Helicone.Offline;

/// <summary>Finds where the texts of messages are in the bytes of a body, so that long ones are read piece by piece.</summary>
internal static class MessageTexts
{
    private static readonly JsonReaderOptions s_options = new() { MaxDepth = 512 };

    /// <summary>The place of each message's content, between its quotation marks; <see langword="null"/> for content that isn't a string.</summary>
    public static IReadOnlyList<(int Start, int Length)?> Find(ReadOnlySpan<byte> body)
    {
        List<(int, int)?> texts = [];
        Utf8JsonReader reader = new(body, s_options);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isMessages = reader.ValueTextEquals("messages"u8);
            reader.Read();
            if (!isMessages || reader.TokenType != JsonTokenType.StartArray)
            {
                reader.Skip();
                continue;
            }

            // Of two members with one name, the last counts, as in a JSON document.
            texts.Clear();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                texts.Add(ContentOf(ref reader));
            }
        }

        return texts;
    }

    private static (int, int)? ContentOf(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return null;
        }

        (int, int)? content = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isContent = reader.ValueTextEquals("content"u8);
            reader.Read();
            if (isContent)
            {
                content = reader.TokenType == JsonTokenType.String ? ((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length) : null;
            }

            reader.Skip();
        }

        return content;
    }
}
