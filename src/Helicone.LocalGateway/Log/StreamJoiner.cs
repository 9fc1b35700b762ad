using System;
using System.Buffers;
using System.Collections.Generic;
using System.Text.Json;
using Helicone.Spending;

namespace Helicone.LocalGateway.Log;

/// <summary>
/// Makes one answer of a streamed one: what the log keeps is what a call without <c>stream</c> would have got, in a tenth of the bytes,
/// and a search finds words that no chunk holds whole.
/// </summary>
internal sealed class StreamJoiner
{
    private readonly List<StreamedChoice> _choices = [];
    private Range? _id;
    private Range? _created;
    private Range? _model;
    private Range? _fingerprint;
    private Range? _usage;
    private Range? _error;

    /// <summary>Joins the events of a stream.</summary>
    /// <param name="events">The stream as it was sent.</param>
    /// <param name="brokenOff">Why it ended early; <see langword="null"/> when it did not.</param>
    /// <param name="output">Where the answer is written to.</param>
    /// <param name="facts">What the stream says of itself, whether or not it can be joined.</param>
    /// <returns>Whether this is a stream of chat completions. Any other is kept as it is.</returns>
    public static bool TryJoin(ReadOnlySpan<byte> events, string? brokenOff, IBufferWriter<byte> output, out AnswerFacts facts)
    {
        StreamJoiner joiner = new();
        try
        {
            if (joiner.Read(events))
            {
                facts = joiner.Facts(events);
                joiner.WriteTo(events, brokenOff, output);
                return true;
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // An event is no JSON, or a text in it no valid UTF-8.
        }

        facts = ReadFacts(events);
        return false;
    }

    /// <summary>The raw text of the string, or of the name, that the reader is at.</summary>
    internal static Range Text(ref Utf8JsonReader reader, int offset)
    {
        int start = offset + (int)reader.TokenStartIndex + 1;
        return start..(start + reader.ValueSpan.Length);
    }

    /// <summary>The raw text of the value that the reader is at, and past it.</summary>
    internal static Range Value(ref Utf8JsonReader reader, int offset)
    {
        int start = offset + (int)reader.TokenStartIndex;
        reader.Skip();
        return start..(offset + (int)reader.BytesConsumed);
    }

    private static AnswerFacts ReadFacts(ReadOnlySpan<byte> events)
    {
        string? model = null;
        UsageReader counts = default;
        int position = 0;
        while (NextEvent(events, ref position) is { } data)
        {
            try
            {
                AnswerFacts.Read(events[data], ref model, ref counts);
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException)
            {
                // One event that is no JSON says nothing; the others may.
            }
        }

        return new AnswerFacts(model, counts.ToUsage());
    }

    /// <summary>The data of the next event, but for the terminator.</summary>
    private static Range? NextEvent(ReadOnlySpan<byte> events, ref int position)
    {
        while (position < events.Length)
        {
            int length = events[position..].IndexOfAny((byte)'\n', (byte)'\r');
            int end = length < 0 ? events.Length : position + length;
            int start = position;
            position = end + 1;
            if (!events[start..end].StartsWith("data:"u8))
            {
                continue;
            }

            start += events[start..end].StartsWith("data: "u8) ? 6 : 5;
            if (start < end && !events[start..end].SequenceEqual("[DONE]"u8))
            {
                return start..end;
            }
        }

        return null;
    }

    private bool Read(ReadOnlySpan<byte> events)
    {
        int position = 0;
        while (NextEvent(events, ref position) is { } data)
        {
            if (!Read(events, data))
            {
                return false;
            }
        }

        return true;
    }

    /// <returns>Whether it is a chunk of a chat completion, or an error within.</returns>
    private bool Read(ReadOnlySpan<byte> stream, Range data)
    {
        int offset = data.Start.Value;
        Utf8JsonReader reader = new(stream[data], GatewayJson.ReaderOptions);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        bool isChunk = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("choices"u8))
            {
                isChunk = true;
                reader.Read();
                ReadChoices(ref reader, stream, offset);
            }
            else if (reader.ValueTextEquals("id"u8))
            {
                SetFirst(ref _id, ref reader, offset);
            }
            else if (reader.ValueTextEquals("created"u8))
            {
                SetFirst(ref _created, ref reader, offset);
            }
            else if (reader.ValueTextEquals("model"u8))
            {
                SetFirst(ref _model, ref reader, offset);
            }
            else if (reader.ValueTextEquals("system_fingerprint"u8))
            {
                SetFirst(ref _fingerprint, ref reader, offset);
            }
            else if (reader.ValueTextEquals("usage"u8))
            {
                SetLatest(ref _usage, ref reader, offset);
            }
            else if (reader.ValueTextEquals("error"u8))
            {
                isChunk = true;
                SetLatest(ref _error, ref reader, offset);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return isChunk;
    }

    private void ReadChoices(ref Utf8JsonReader reader, ReadOnlySpan<byte> stream, int offset)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            ReadChoice(ref reader, stream, offset);
        }
    }

    private void ReadChoice(ref Utf8JsonReader reader, ReadOnlySpan<byte> stream, int offset)
    {
        // Where the index stands behind the delta, the delta waits.
        Utf8JsonReader lookAhead = reader;
        StreamedChoice choice = ChoiceOf(ReadIndex(ref lookAhead));
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isDelta = reader.ValueTextEquals("delta"u8);
            bool isReason = !isDelta && reader.ValueTextEquals("finish_reason"u8);
            reader.Read();
            if (isDelta && reader.TokenType == JsonTokenType.StartObject)
            {
                choice.ReadDelta(ref reader, stream, offset);
            }
            else if (isReason && reader.TokenType == JsonTokenType.String)
            {
                choice.SetFinishReason(Value(ref reader, offset));
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private static int ReadIndex(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isIndex = reader.ValueTextEquals("index"u8);
            reader.Read();
            if (isIndex && reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out int index))
            {
                return index;
            }

            reader.Skip();
        }

        return 0;
    }

    private StreamedChoice ChoiceOf(int index)
    {
        foreach (StreamedChoice known in _choices)
        {
            if (known.Index == index)
            {
                return known;
            }
        }

        StreamedChoice choice = new(index);
        _choices.Add(choice);
        return choice;
    }

    private AnswerFacts Facts(ReadOnlySpan<byte> stream)
    {
        UsageReader counts = default;
        if (_usage is { } usage)
        {
            Utf8JsonReader reader = new(stream[usage], GatewayJson.ReaderOptions);
            reader.Read();
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                counts.Read(ref reader);
            }
        }

        string? model = null;
        if (_model is { } name)
        {
            Utf8JsonReader reader = new(stream[name], GatewayJson.ReaderOptions);
            reader.Read();
            model = reader.TokenType == JsonTokenType.String && reader.GetString() is { Length: > 0 } text ? text : null;
        }

        return new AnswerFacts(model, counts.ToUsage());
    }

    private void WriteTo(ReadOnlySpan<byte> stream, string? brokenOff, IBufferWriter<byte> output)
    {
        output.Write("{\"object\":\"chat.completion\""u8);
        WriteMember(output, "id"u8, stream, _id);
        WriteMember(output, "created"u8, stream, _created);
        WriteMember(output, "model"u8, stream, _model);
        WriteMember(output, "system_fingerprint"u8, stream, _fingerprint);
        output.Write(",\"choices\":["u8);
        for (int i = 0; i < _choices.Count; i++)
        {
            output.Write(i == 0 ? ""u8 : ","u8);
            _choices[i].WriteTo(output, stream);
        }

        output.Write("]"u8);
        WriteMember(output, "usage"u8, stream, _usage);
        if (brokenOff is not null)
        {
            output.Write(",\"error\":"u8);
            LogErrors.WriteTo(output, brokenOff);
        }
        else
        {
            WriteMember(output, "error"u8, stream, _error);
        }

        output.Write("}"u8);
    }

    private static void WriteMember(IBufferWriter<byte> output, ReadOnlySpan<byte> name, ReadOnlySpan<byte> stream, Range? value)
    {
        if (value is { } range)
        {
            output.Write(",\""u8);
            output.Write(name);
            output.Write("\":"u8);
            output.Write(stream[range]);
        }
    }

    private static void SetFirst(ref Range? place, ref Utf8JsonReader reader, int offset)
    {
        reader.Read();
        bool says = reader.TokenType is not JsonTokenType.Null && !(reader.TokenType == JsonTokenType.String && reader.ValueSpan.IsEmpty);
        Range value = Value(ref reader, offset);
        if (says)
        {
            place ??= value;
        }
    }

    private static void SetLatest(ref Range? place, ref Utf8JsonReader reader, int offset)
    {
        reader.Read();
        bool says = reader.TokenType is not JsonTokenType.Null;
        Range value = Value(ref reader, offset);
        if (says)
        {
            place = value;
        }
    }
}
