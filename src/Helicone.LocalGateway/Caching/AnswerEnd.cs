using System;
using System.Collections.Generic;
using System.Text.Json;
using Helicone.LocalGateway.Providers;

namespace Helicone.LocalGateway.Caching;

/// <summary>Distinguishes an answer that the model finished from one that stopped or contains an error, which must not be served again for a week.</summary>
internal static class AnswerEnd
{
    /// <summary>Indicates whether the answer is valid and came to its own end.</summary>
    public static bool IsIn(CachedKind kind, ReadOnlySpan<byte> body)
    {
        State state = new(kind);
        try
        {
            if (kind == CachedKind.Whole)
            {
                state.Read(AnswerCheck.SkipByteOrderMark(body));
            }
            else
            {
                ReadEvents(body, state);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }

        return state.IsFinished;
    }

    private static void ReadEvents(ReadOnlySpan<byte> events, State state)
    {
        while (!events.IsEmpty)
        {
            int length = events.IndexOfAny((byte)'\n', (byte)'\r');
            ReadOnlySpan<byte> line = length < 0 ? events : events[..length];
            events = length < 0 ? [] : events[(length + 1)..];
            if (!line.StartsWith("data:"u8))
            {
                continue;
            }

            ReadOnlySpan<byte> data = line["data:"u8.Length..].Trim((byte)' ');
            if (!data.IsEmpty && !data.SequenceEqual("[DONE]"u8))
            {
                state.Read(data);
            }
        }
    }

    /// <summary>What has been read of an answer.</summary>
    private sealed class State(CachedKind kind)
    {
        private readonly HashSet<int> _seen = [];
        private readonly HashSet<int> _finished = [];
        private bool _failed;
        private bool _ended;

        /// <summary>
        /// In a stream, every choice has a finish reason; in a provider's own form without choices, the event that ends its streams has arrived.
        /// What came in one piece is whole.
        /// </summary>
        public bool IsFinished => !_failed && (kind == CachedKind.Whole || (_seen.Count > 0 ? _seen.SetEquals(_finished) : kind == CachedKind.RawStream && _ended));

        public void Read(ReadOnlySpan<byte> json)
        {
            Utf8JsonReader reader = new(json, GatewayJson.ReaderOptions);
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw new JsonException();
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool isError = reader.ValueTextEquals("error"u8);
                bool isType = reader.ValueTextEquals("type"u8);
                bool isChoices = reader.ValueTextEquals("choices"u8);
                reader.Read();
                _failed |= isError && reader.TokenType is not (JsonTokenType.Null or JsonTokenType.False);
                if (isType && reader.TokenType == JsonTokenType.String)
                {
                    _failed |= reader.ValueTextEquals("error"u8) || reader.ValueTextEquals("response.failed"u8);
                    _ended |= reader.ValueTextEquals("message_stop"u8) || reader.ValueTextEquals("response.completed"u8);
                }

                if (isChoices && reader.TokenType == JsonTokenType.StartArray)
                {
                    ReadChoices(ref reader);
                }

                reader.Skip();
            }

            reader.Read();
        }

        private void ReadChoices(ref Utf8JsonReader reader)
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (reader.TokenType != JsonTokenType.StartObject)
                {
                    throw new JsonException();
                }

                int index = 0;
                bool isFinished = false;
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    bool isIndex = reader.ValueTextEquals("index"u8);
                    bool isReason = reader.ValueTextEquals("finish_reason"u8);
                    reader.Read();
                    if (isIndex && reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out int number))
                    {
                        index = number;
                    }
                    else if (isReason && reader.TokenType == JsonTokenType.String)
                    {
                        _failed |= reader.ValueTextEquals("error"u8);
                        isFinished = !reader.ValueSpan.IsEmpty;
                    }

                    reader.Skip();
                }

                _seen.Add(index);
                if (isFinished)
                {
                    _finished.Add(index);
                }
            }
        }
    }
}
