using System;
using System.Buffers;
using System.Collections.Generic;
using System.Text.Json;

namespace Helicone.LocalGateway.Log;

/// <summary>A tool call of a streamed answer while its pieces are gathered.</summary>
internal sealed class StreamedToolCall
{
    private readonly List<Range> _name = [];
    private readonly List<Range> _arguments = [];
    private Range? _id;
    private Range? _type;

    public int Index { get; set; }

    /// <summary>Reads the piece that the reader is at the start of.</summary>
    /// <returns>Which call it belongs to.</returns>
    public int? Read(ref Utf8JsonReader reader, int offset)
    {
        int? index = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("index"u8))
            {
                reader.Read();
                index = reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out int number) ? number : null;
            }
            else if (reader.ValueTextEquals("id"u8))
            {
                _id = ReadText(ref reader, offset) ?? _id;
            }
            else if (reader.ValueTextEquals("type"u8))
            {
                _type = ReadText(ref reader, offset) ?? _type;
            }
            else if (reader.ValueTextEquals("function"u8))
            {
                ReadFunction(ref reader, offset);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return index;
    }

    /// <summary>Takes a later piece of the same call.</summary>
    public void Add(StreamedToolCall piece)
    {
        _id ??= piece._id;
        _type ??= piece._type;
        _name.AddRange(piece._name);
        _arguments.AddRange(piece._arguments);
    }

    public void WriteTo(IBufferWriter<byte> output, ReadOnlySpan<byte> stream)
    {
        output.Write("{\"id\":\""u8);
        output.Write(_id is { } id ? stream[id] : ""u8);
        output.Write("\",\"type\":\""u8);
        output.Write(_type is { } type ? stream[type] : "function"u8);
        output.Write("\",\"function\":{\"name\":\""u8);
        StreamedChoice.WriteText(output, stream, _name);
        output.Write("\",\"arguments\":\""u8);
        StreamedChoice.WriteText(output, stream, _arguments);
        output.Write("\"}}"u8);
    }

    private void ReadFunction(ref Utf8JsonReader reader, int offset)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            List<Range>? pieces = reader.ValueTextEquals("name"u8) ? _name : reader.ValueTextEquals("arguments"u8) ? _arguments : null;
            Range? text = ReadText(ref reader, offset);
            if (text is { } piece)
            {
                pieces?.Add(piece);
            }
        }
    }

    private static Range? ReadText(ref Utf8JsonReader reader, int offset)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
        {
            return StreamJoiner.Text(ref reader, offset);
        }

        reader.Skip();
        return null;
    }
}
