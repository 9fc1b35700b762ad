using System.Text.Json;
using Helicone.Chat;

namespace Helicone.LocalGateway.Log;

/// <summary>The numbers of a usage object while it is read, in OpenAI's names (both), Anthropic's or Google's.</summary>
internal struct UsageCounts
{
    private long? _prompt;
    private long? _completion;
    private long? _total;
    private long _cached;
    private long _cacheWritten;
    private long _reasoning;

    // Anthropic counts what it read from and wrote to its cache beside the input, the others count it within.
    private bool _cacheStandsBeside;
    private bool _reasoningStandsBeside;

    /// <summary>Reads the object that the reader is at the start of. A stream repeats it with newer numbers.</summary>
    public void Read(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("prompt_tokens"u8) || reader.ValueTextEquals("input_tokens"u8) || reader.ValueTextEquals("promptTokenCount"u8))
            {
                Set(ref reader, ref _prompt);
            }
            else if (reader.ValueTextEquals("completion_tokens"u8) || reader.ValueTextEquals("output_tokens"u8) || reader.ValueTextEquals("candidatesTokenCount"u8))
            {
                Set(ref reader, ref _completion);
            }
            else if (reader.ValueTextEquals("total_tokens"u8) || reader.ValueTextEquals("totalTokenCount"u8))
            {
                Set(ref reader, ref _total);
            }
            else if (reader.ValueTextEquals("prompt_tokens_details"u8) || reader.ValueTextEquals("input_tokens_details"u8) || reader.ValueTextEquals("completion_tokens_details"u8) || reader.ValueTextEquals("output_tokens_details"u8))
            {
                ReadDetails(ref reader);
            }
            else if (reader.ValueTextEquals("cache_read_input_tokens"u8))
            {
                _cacheStandsBeside |= Set(ref reader, ref _cached);
            }
            else if (reader.ValueTextEquals("cache_creation_input_tokens"u8))
            {
                _cacheStandsBeside |= Set(ref reader, ref _cacheWritten);
            }
            else if (reader.ValueTextEquals("cachedContentTokenCount"u8))
            {
                Set(ref reader, ref _cached);
            }
            else if (reader.ValueTextEquals("thoughtsTokenCount"u8))
            {
                _reasoningStandsBeside |= Set(ref reader, ref _reasoning);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }
    }

    /// <summary>The usage as Helicone's gateway states it; <see langword="null"/> when nothing was counted.</summary>
    public readonly ChatUsage? ToUsage()
    {
        if (_prompt is null && _completion is null && _total is null)
        {
            return null;
        }

        long prompt = (_prompt ?? 0) + (_cacheStandsBeside ? _cached + _cacheWritten : 0);
        long completion = (_completion ?? 0) + (_reasoningStandsBeside ? _reasoning : 0);
        return new ChatUsage(prompt, completion, _cacheStandsBeside ? prompt + completion : _total ?? prompt + completion, _cached, _cacheWritten, _reasoning);
    }

    private void ReadDetails(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("cached_tokens"u8))
            {
                Set(ref reader, ref _cached);
            }
            else if (reader.ValueTextEquals("cache_write_tokens"u8))
            {
                Set(ref reader, ref _cacheWritten);
            }
            else if (reader.ValueTextEquals("reasoning_tokens"u8))
            {
                Set(ref reader, ref _reasoning);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }
    }

    private static void Set(ref Utf8JsonReader reader, ref long? count)
    {
        long value = 0;
        if (Set(ref reader, ref value))
        {
            count = value;
        }
    }

    private static bool Set(ref Utf8JsonReader reader, ref long count)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out long value) && value >= 0)
        {
            count = value;
            return true;
        }

        reader.Skip();
        return false;
    }
}
