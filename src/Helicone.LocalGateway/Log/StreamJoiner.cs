using System;
using System.Buffers;
using System.Text.Json;
using Helicone.Chat;
using Helicone.Spending;

namespace Helicone.LocalGateway.Log;

/// <summary>
/// Makes one answer of a streamed one: the log keeps what a call without <c>stream</c> returns, in a tenth of the bytes, and a search finds words
/// that are split between chunks. The events are read as the client reads them.
/// </summary>
internal static class StreamJoiner
{
    /// <summary>Joins the events of a stream.</summary>
    /// <param name="events">The stream as it was sent.</param>
    /// <param name="brokenOff">The reason why it ended early; <see langword="null"/> for a stream that came to its end.</param>
    /// <param name="output">Receives the answer.</param>
    /// <param name="facts">The model and the usage that the stream reports, even if it cannot be joined.</param>
    /// <returns><see langword="true"/> for a stream of chat completions. Any other is kept as it is.</returns>
    public static bool TryJoin(ReadOnlySpan<byte> events, string? brokenOff, IBufferWriter<byte> output, out AnswerFacts facts)
    {
        try
        {
            ChatAssembler answer = new();
            if (TryRead(events, answer, out Range? error))
            {
                facts = new AnswerFacts(answer.Head.Model, answer.Usage);
                Write(answer, brokenOff, error is { } range ? events[range] : default, output);
                return true;
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // An event is not JSON, or a name in it is not valid UTF-8.
        }

        facts = ReadFacts(events);
        return false;
    }

    /// <param name="events">The stream.</param>
    /// <param name="answer">Takes the events.</param>
    /// <param name="error">The event with the last error, if any.</param>
    private static bool TryRead(ReadOnlySpan<byte> events, ChatAssembler answer, out Range? error)
    {
        error = null;
        int position = 0;
        bool isChat = false;
        while (NextEvent(events, ref position) is { } data)
        {
            ChatEvent part = ChatJson.Read(events[data], answer.Head);
            if (part.HasError)
            {
                error = data;
            }
            else if (!part.HasChoices && part.Usage is null)
            {
                return false;
            }

            // Usage alone is also what events of other APIs have.
            isChat |= part.HasError || part.HasChoices;
            answer.Add(part);
        }

        return isChat || answer.IsEmpty;
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
                // An event that is not JSON reports nothing; the others may.
            }
        }

        return new AnswerFacts(model, counts.ToUsage());
    }

    /// <summary>The data of the next event, except the terminator.</summary>
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

    private static void Write(ChatAssembler answer, string? brokenOff, ReadOnlySpan<byte> error, IBufferWriter<byte> output)
    {
        using Utf8JsonWriter json = new(output, GatewayJson.WriterOptions);
        json.WriteStartObject();
        answer.WriteMembersTo(json, id: null);
        if (brokenOff is not null)
        {
            json.WriteStartObject("error"u8);
            json.WriteString("message"u8, brokenOff);
            json.WriteEndObject();
        }
        else if (!error.IsEmpty)
        {
            using JsonDocument document = JsonDocument.Parse(error.ToArray(), GatewayJson.DocumentOptions);
            json.WritePropertyName("error"u8);
            document.RootElement.GetProperty("error"u8).WriteTo(json);
        }

        json.WriteEndObject();
    }
}
