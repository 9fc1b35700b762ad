using System;
using System.Text.Json;
using Helicone.Chat;

namespace Helicone.Spending;

/// <summary>Reads <c>usage</c> objects in the form of OpenAI (Chat and Responses), Anthropic, or Google into one <see cref="ChatUsage"/>.</summary>
/// <remarks>A stream repeats the object with newer numbers: call <see cref="Read"/> for each, and the latest count wins.</remarks>
#pragma warning disable CA1815 // A reader on the stack; nobody compares two.
public struct UsageReader
#pragma warning restore CA1815
{
    /// <summary>The largest count that is believed. No model's context comes near it, and sums of such counts don't overflow.</summary>
    public const long MaxCount = 1_000_000_000;

    // No single call costs a million dollars.
    private const decimal MaxCost = 1_000_000;

    private long? _prompt;
    private long? _completion;
    private long? _total;
    private long _cached;
    private long _cachedElsewhere;
    private long? _written;
    private long? _written5m;
    private long? _written1h;
    private long _reasoning;
    private long _promptAudio;
    private long _completionAudio;
    private long _accepted;
    private long _rejected;
    private long _searches;
    private ModalityTokens? _image;
    private ModalityTokens? _audio;
    private ModalityTokens? _video;
    private ModalityTokens? _file;
    private decimal? _cost;
    private bool _isImplausible;

    // Anthropic counts cache reads apart from input_tokens, Google counts thoughts apart from the answer; the others include them.
    private bool _isInput;
    private bool _hasCacheRead;
    private bool _reasoningIsApart;

    /// <summary>Reads the object at whose start the reader is.</summary>
    /// <exception cref="JsonException">The object isn't valid JSON.</exception>
    public void Read(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("prompt_tokens"u8) || reader.ValueTextEquals("promptTokenCount"u8))
            {
                Count(ref reader, ref _prompt);
            }
            else if (reader.ValueTextEquals("input_tokens"u8))
            {
                _isInput |= Count(ref reader, ref _prompt);
            }
            else if (reader.ValueTextEquals("completion_tokens"u8) || reader.ValueTextEquals("output_tokens"u8) || reader.ValueTextEquals("candidatesTokenCount"u8))
            {
                Count(ref reader, ref _completion);
            }
            else if (reader.ValueTextEquals("total_tokens"u8) || reader.ValueTextEquals("totalTokenCount"u8))
            {
                ReadTotal(ref reader);
            }
            else if (reader.ValueTextEquals("prompt_tokens_details"u8) || reader.ValueTextEquals("input_tokens_details"u8) || reader.ValueTextEquals("prompt_token_details"u8))
            {
                ReadPromptDetails(ref reader);
            }
            else if (reader.ValueTextEquals("completion_tokens_details"u8) || reader.ValueTextEquals("output_tokens_details"u8) || reader.ValueTextEquals("completion_token_details"u8))
            {
                ReadCompletionDetails(ref reader);
            }
            else if (reader.ValueTextEquals("cache_read_input_tokens"u8))
            {
                _hasCacheRead |= Count(ref reader, ref _cached);
            }
            else if (reader.ValueTextEquals("cache_creation_input_tokens"u8))
            {
                Count(ref reader, ref _written);
            }
            else if (reader.ValueTextEquals("cache_creation"u8))
            {
                ReadWrites(ref reader);
            }
            else if (reader.ValueTextEquals("cachedContentTokenCount"u8))
            {
                Count(ref reader, ref _cached);
            }
            else if (reader.ValueTextEquals("cached_tokens"u8) || reader.ValueTextEquals("num_cached_tokens"u8) || reader.ValueTextEquals("prompt_cache_hit_tokens"u8))
            {
                // Moonshot, Mistral, and DeepSeek, next to OpenAI's field or instead of it.
                Count(ref reader, ref _cachedElsewhere);
            }
            else if (reader.ValueTextEquals("thoughtsTokenCount"u8))
            {
                _reasoningIsApart |= Count(ref reader, ref _reasoning);
            }
            else if (reader.ValueTextEquals("server_tool_use"u8) || reader.ValueTextEquals("server_tool_use_details"u8))
            {
                ReadServerTools(ref reader);
            }
            else if (reader.ValueTextEquals("num_sources_used"u8))
            {
                // xAI: Helicone's packages/cost/usage/xaiUsageProcessor.ts counts each source as a search.
                Count(ref reader, ref _searches);
            }
            else if (reader.ValueTextEquals("modality_tokens"u8))
            {
                ReadModalities(ref reader);
            }
            else if (reader.ValueTextEquals("cost"u8))
            {
                ReadCost(ref reader);
            }
            else
            {
                Skip(ref reader);
            }
        }
    }

    /// <summary>The usage in the form in which Helicone's gateway reports it; <see langword="null"/> when nothing was counted.</summary>
    public readonly ChatUsage? ToUsage()
    {
        if (_prompt is null && _completion is null && _total is null && _cost is null)
        {
            return null;
        }

        bool isAnthropic = _isInput && _hasCacheRead;
        long prompt = (_prompt ?? 0) + (isAnthropic ? _cached : 0);
        long cached = _cached > 0 ? _cached : _cachedElsewhere;

        // xAI's models count reasoning apart from the answer too, which only the total shows: 40 of 40 recordings in vercel/ai and charmbracelet/fantasy.
        bool isReasoningApart = _reasoningIsApart || (_reasoning > 0 && _total == (_prompt ?? 0) + (_completion ?? 0) + _reasoning);
        long completion = (_completion ?? 0) + (isReasoningApart ? _reasoning : 0);
        long written1h = _written1h ?? 0;

        // Without the split all writes are for five minutes.
        long written = _written5m is { } written5m ? written5m + written1h : Math.Max(_written ?? 0, written1h);
        return new ChatUsage(prompt, completion, _total is > 0 and { } total ? total : prompt + completion + (isAnthropic ? written : 0), cached, written, _reasoning)
        {
            CacheWrite1hTokens = written1h,
            PromptAudioTokens = _promptAudio,
            CompletionAudioTokens = _completionAudio,
            AcceptedPredictionTokens = _accepted,
            RejectedPredictionTokens = _rejected,
            WebSearchRequests = _searches,
            Image = _image,
            Audio = _audio,
            Video = _video,
            File = _file,
            ProviderCost = _cost,
            IsImplausible = _isImplausible,
        };
    }

    private void ReadPromptDetails(ref Utf8JsonReader reader)
    {
        if (!Enter(ref reader))
        {
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("cached_tokens"u8))
            {
                Count(ref reader, ref _cached);
            }
            else if (reader.ValueTextEquals("cache_write_tokens"u8))
            {
                Count(ref reader, ref _written);
            }
            else if (reader.ValueTextEquals("cache_write_details"u8))
            {
                ReadWrites(ref reader);
            }
            else if (reader.ValueTextEquals("audio_tokens"u8))
            {
                Count(ref reader, ref _promptAudio);
            }
            else
            {
                Skip(ref reader);
            }
        }
    }

    private void ReadCompletionDetails(ref Utf8JsonReader reader)
    {
        if (!Enter(ref reader))
        {
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("reasoning_tokens"u8))
            {
                Count(ref reader, ref _reasoning);
            }
            else if (reader.ValueTextEquals("audio_tokens"u8))
            {
                Count(ref reader, ref _completionAudio);
            }
            else if (reader.ValueTextEquals("accepted_prediction_tokens"u8))
            {
                Count(ref reader, ref _accepted);
            }
            else if (reader.ValueTextEquals("rejected_prediction_tokens"u8))
            {
                Count(ref reader, ref _rejected);
            }
            else
            {
                Skip(ref reader);
            }
        }
    }

    private void ReadWrites(ref Utf8JsonReader reader)
    {
        if (!Enter(ref reader))
        {
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("write_5m_tokens"u8) || reader.ValueTextEquals("ephemeral_5m_input_tokens"u8))
            {
                Count(ref reader, ref _written5m);
            }
            else if (reader.ValueTextEquals("write_1h_tokens"u8) || reader.ValueTextEquals("ephemeral_1h_input_tokens"u8))
            {
                Count(ref reader, ref _written1h);
            }
            else
            {
                Skip(ref reader);
            }
        }
    }

    private void ReadServerTools(ref Utf8JsonReader reader)
    {
        if (!Enter(ref reader))
        {
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("web_search_requests"u8))
            {
                Count(ref reader, ref _searches);
            }
            else
            {
                Skip(ref reader);
            }
        }
    }

    private void ReadModalities(ref Utf8JsonReader reader)
    {
        if (!Enter(ref reader))
        {
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("image"u8))
            {
                _image = ReadModality(ref reader) ?? _image;
            }
            else if (reader.ValueTextEquals("audio"u8))
            {
                _audio = ReadModality(ref reader) ?? _audio;
            }
            else if (reader.ValueTextEquals("video"u8))
            {
                _video = ReadModality(ref reader) ?? _video;
            }
            else if (reader.ValueTextEquals("file"u8))
            {
                _file = ReadModality(ref reader) ?? _file;
            }
            else
            {
                Skip(ref reader);
            }
        }
    }

    private ModalityTokens? ReadModality(ref Utf8JsonReader reader)
    {
        if (!Enter(ref reader))
        {
            return null;
        }

        long input = 0, cached = 0, output = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("input_tokens"u8))
            {
                Count(ref reader, ref input);
            }
            else if (reader.ValueTextEquals("cached_tokens"u8))
            {
                Count(ref reader, ref cached);
            }
            else if (reader.ValueTextEquals("output_tokens"u8))
            {
                Count(ref reader, ref output);
            }
            else
            {
                Skip(ref reader);
            }
        }

        return new ModalityTokens(input, cached, output);
    }

    // OpenRouter reports a number, Perplexity an object with a sum in it.
    private void ReadCost(ref Utf8JsonReader reader)
    {
        if (Enter(ref reader))
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("total_cost"u8))
                {
                    reader.Read();
                    Cost(ref reader);
                }
                else
                {
                    Skip(ref reader);
                }
            }
        }
        else
        {
            Cost(ref reader);
        }
    }

    private void Cost(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Number)
        {
            bool isPlausible = reader.TryGetDecimal(out decimal cost) && cost is >= 0 and <= MaxCost;
            _cost = isPlausible ? cost : _cost;
            _isImplausible |= !isPlausible;
        }
        else
        {
            reader.Skip();
        }
    }

    /// <summary>Moves to a property's value, and into it when that is an object; anything else is skipped, except a number, which stays for the caller.</summary>
    private static bool Enter(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            return true;
        }

        reader.Skip();
        return false;
    }

    private static void Skip(ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }

    // No price is computed from the total, so a total that isn't plausible doesn't make the cost unknown. It is computed from the other counts instead.
    private void ReadTotal(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out double value) && value is >= 0 and <= MaxCount)
        {
            _total = (long)value;
        }

        reader.Skip();
    }

    private bool Count(ref Utf8JsonReader reader, ref long? count)
    {
        long value = 0;
        if (!Count(ref reader, ref value))
        {
            return false;
        }

        count = value;
        return true;
    }

    private bool Count(ref Utf8JsonReader reader, ref long count)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.Number || !reader.TryGetDouble(out double value))
        {
            reader.Skip();
            return false;
        }

        _isImplausible |= value is < 0 or > MaxCount;
        if (value < 0)
        {
            return false;
        }

        count = (long)Math.Min(value, MaxCount);
        return true;
    }
}
