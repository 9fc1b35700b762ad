using System;
using System.Buffers;
using System.Collections.Generic;
using System.Globalization;
using System.Text.Json;

namespace Helicone.LocalGateway.Log;

/// <summary>One choice of a streamed answer while its pieces are gathered. A piece is a place in the stream; nothing is copied before the end.</summary>
internal sealed class StreamedChoice(int index)
{
    private readonly List<(Range Name, List<Range> Pieces)> _texts = [];
    private readonly List<(Range Name, Range Value)> _others = [];
    private readonly List<StreamedToolCall> _toolCalls = [];
    private Range? _role;
    private Range? _finishReason;

    public int Index { get; } = index;

    public void SetFinishReason(Range value) => _finishReason = value;

    /// <summary>Reads the delta that the reader is at the start of.</summary>
    /// <param name="reader">Over one event.</param>
    /// <param name="stream">All of it.</param>
    /// <param name="offset">Where the event begins in the stream.</param>
    public void ReadDelta(ref Utf8JsonReader reader, ReadOnlySpan<byte> stream, int offset)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isRole = reader.ValueTextEquals("role"u8);
            bool isToolCalls = reader.ValueTextEquals("tool_calls"u8);
            Range name = StreamJoiner.Text(ref reader, offset);
            reader.Read();
            switch (reader.TokenType)
            {
                case JsonTokenType.String when isRole:
                    _role = StreamJoiner.Text(ref reader, offset);
                    break;
                case JsonTokenType.String:
                    PiecesOf(stream, name).Add(StreamJoiner.Text(ref reader, offset));
                    break;
                case JsonTokenType.StartArray when isToolCalls:
                    ReadToolCalls(ref reader, offset);
                    break;
                case JsonTokenType.Null:
                    break;
                default:
                    SetOther(stream, name, StreamJoiner.Value(ref reader, offset));
                    break;
            }
        }
    }

    /// <summary>Writes the choice as an answer in one piece has it.</summary>
    public void WriteTo(IBufferWriter<byte> output, ReadOnlySpan<byte> stream)
    {
        output.Write("{\"index\":"u8);
        WriteNumber(output, Index);
        output.Write(",\"message\":{\"role\":\""u8);
        output.Write(_role is { } role ? stream[role] : "assistant"u8);
        output.Write("\""u8);
        bool hasContent = false;
        foreach ((Range name, List<Range> pieces) in _texts)
        {
            hasContent |= stream[name].SequenceEqual("content"u8);
            output.Write(",\""u8);
            output.Write(stream[name]);
            output.Write("\":\""u8);
            WriteText(output, stream, pieces);
            output.Write("\""u8);
        }

        if (!hasContent)
        {
            output.Write(",\"content\":null"u8);
        }

        foreach ((Range name, Range value) in _others)
        {
            output.Write(",\""u8);
            output.Write(stream[name]);
            output.Write("\":"u8);
            output.Write(stream[value]);
        }

        WriteToolCalls(output, stream);
        output.Write("},\"finish_reason\":"u8);
        if (_finishReason is { } reason)
        {
            output.Write(stream[reason]);
        }
        else
        {
            output.Write("null"u8);
        }

        output.Write("}"u8);
    }

    internal static void WriteNumber(IBufferWriter<byte> output, int number)
    {
        Span<byte> digits = stackalloc byte[12];
        number.TryFormat(digits, out int length, provider: CultureInfo.InvariantCulture);
        output.Write(digits[..length]);
    }

    internal static void WriteText(IBufferWriter<byte> output, ReadOnlySpan<byte> stream, List<Range> pieces)
    {
        // As they came, escapes and all: pieces of JSON strings, one after another, are the JSON string of the whole.
        foreach (Range piece in pieces)
        {
            output.Write(stream[piece]);
        }
    }

    private void ReadToolCalls(ref Utf8JsonReader reader, int offset)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            StreamedToolCall piece = new();
            int? index = piece.Read(ref reader, offset);
            if (_toolCalls.Find(c => c.Index == (index ?? 0)) is { } known)
            {
                known.Add(piece);
            }
            else
            {
                piece.Index = index ?? 0;
                _toolCalls.Add(piece);
            }
        }
    }

    private void WriteToolCalls(IBufferWriter<byte> output, ReadOnlySpan<byte> stream)
    {
        if (_toolCalls.Count == 0)
        {
            return;
        }

        output.Write(",\"tool_calls\":["u8);
        for (int i = 0; i < _toolCalls.Count; i++)
        {
            output.Write(i == 0 ? ""u8 : ","u8);
            _toolCalls[i].WriteTo(output, stream);
        }

        output.Write("]"u8);
    }

    private List<Range> PiecesOf(ReadOnlySpan<byte> stream, Range name)
    {
        ReadOnlySpan<byte> wanted = stream[name];
        foreach ((Range known, List<Range> pieces) in _texts)
        {
            if (stream[known].SequenceEqual(wanted))
            {
                return pieces;
            }
        }

        List<Range> first = [];
        _texts.Add((name, first));
        return first;
    }

    /// <summary>What is neither text nor a tool call is not joined: the latest is taken for the whole.</summary>
    private void SetOther(ReadOnlySpan<byte> stream, Range name, Range value)
    {
        ReadOnlySpan<byte> wanted = stream[name];
        for (int i = 0; i < _others.Count; i++)
        {
            if (stream[_others[i].Name].SequenceEqual(wanted))
            {
                _others[i] = (name, value);
                return;
            }
        }

        _others.Add((name, value));
    }
}
