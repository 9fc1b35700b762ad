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

    // Reads the value of the member whose name the reader is at, unless the object has no use for a member of that name.
    private delegate bool MemberReader(ref UsageReader usage, ref Utf8JsonReader reader);

    /// <summary>Reads the object at whose start the reader is.</summary>
    /// <exception cref="JsonException">The object isn't valid JSON.</exception>
    public void Read(ref Utf8JsonReader reader) => ReadMembers(ref reader, ReadMember);

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

    private static bool ReadMember(ref UsageReader usage, ref Utf8JsonReader reader) =>
        usage.TryCount(ref reader, ref usage._prompt, "prompt_tokens"u8, "promptTokenCount"u8)
        || usage.TryCount(ref reader, ref usage._prompt, ref usage._isInput, "input_tokens"u8)
        || usage.TryCount(ref reader, ref usage._completion, "completion_tokens"u8, "output_tokens"u8, "candidatesTokenCount"u8)
        || usage.TryTotal(ref reader)
        || usage.TryObject(ref reader, ReadPromptDetail, "prompt_tokens_details"u8, "input_tokens_details"u8, "prompt_token_details"u8)
        || usage.TryObject(ref reader, ReadCompletionDetail, "completion_tokens_details"u8, "output_tokens_details"u8, "completion_token_details"u8)
        || usage.TryCount(ref reader, ref usage._cached, ref usage._hasCacheRead, "cache_read_input_tokens"u8)
        || usage.TryCount(ref reader, ref usage._written, "cache_creation_input_tokens"u8)
        || usage.TryObject(ref reader, ReadWrite, "cache_creation"u8)
        || usage.TryCount(ref reader, ref usage._cached, "cachedContentTokenCount"u8)

        // Moonshot, Mistral, and DeepSeek, next to OpenAI's field or instead of it.
        || usage.TryCount(ref reader, ref usage._cachedElsewhere, "cached_tokens"u8, "num_cached_tokens"u8, "prompt_cache_hit_tokens"u8)
        || usage.TryCount(ref reader, ref usage._reasoning, ref usage._reasoningIsApart, "thoughtsTokenCount"u8)
        || usage.TryObject(ref reader, ReadServerTool, "server_tool_use"u8, "server_tool_use_details"u8)

        // xAI: Helicone/helicone packages/cost/usage/xaiUsageProcessor.ts @38420f73 counts each source as a search.
        || usage.TryCount(ref reader, ref usage._searches, "num_sources_used"u8)
        || usage.TryObject(ref reader, ReadModalities, "modality_tokens"u8)
        || usage.TryCost(ref reader);

    private static bool ReadPromptDetail(ref UsageReader usage, ref Utf8JsonReader reader) =>
        usage.TryCount(ref reader, ref usage._cached, "cached_tokens"u8)
        || usage.TryCount(ref reader, ref usage._written, "cache_write_tokens"u8)
        || usage.TryObject(ref reader, ReadWrite, "cache_write_details"u8)
        || usage.TryCount(ref reader, ref usage._promptAudio, "audio_tokens"u8);

    private static bool ReadCompletionDetail(ref UsageReader usage, ref Utf8JsonReader reader) =>
        usage.TryCount(ref reader, ref usage._reasoning, "reasoning_tokens"u8)
        || usage.TryCount(ref reader, ref usage._completionAudio, "audio_tokens"u8)
        || usage.TryCount(ref reader, ref usage._accepted, "accepted_prediction_tokens"u8)
        || usage.TryCount(ref reader, ref usage._rejected, "rejected_prediction_tokens"u8);

    private static bool ReadWrite(ref UsageReader usage, ref Utf8JsonReader reader) =>
        usage.TryCount(ref reader, ref usage._written5m, "write_5m_tokens"u8, "ephemeral_5m_input_tokens"u8)
        || usage.TryCount(ref reader, ref usage._written1h, "write_1h_tokens"u8, "ephemeral_1h_input_tokens"u8);

    private static bool ReadServerTool(ref UsageReader usage, ref Utf8JsonReader reader) =>
        usage.TryCount(ref reader, ref usage._searches, "web_search_requests"u8);

    private static bool ReadModalities(ref UsageReader usage, ref Utf8JsonReader reader) =>
        usage.TryModality(ref reader, ref usage._image, "image"u8)
        || usage.TryModality(ref reader, ref usage._audio, "audio"u8)
        || usage.TryModality(ref reader, ref usage._video, "video"u8)
        || usage.TryModality(ref reader, ref usage._file, "file"u8);

    private void ReadMembers(ref Utf8JsonReader reader, MemberReader read)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!read(ref this, ref reader))
            {
                Skip(ref reader);
            }
        }
    }

    private bool TryObject(ref Utf8JsonReader reader, MemberReader read, ReadOnlySpan<byte> name, ReadOnlySpan<byte> second = default, ReadOnlySpan<byte> third = default)
    {
        if (!Is(ref reader, name, second, third))
        {
            return false;
        }

        if (Enter(ref reader))
        {
            ReadMembers(ref reader, read);
        }

        return true;
    }

    private bool TryCount(ref Utf8JsonReader reader, ref long count, ReadOnlySpan<byte> name, ReadOnlySpan<byte> second = default, ReadOnlySpan<byte> third = default)
    {
        bool counted = false;
        return TryCount(ref reader, ref count, ref counted, name, second, third);
    }

    private bool TryCount(ref Utf8JsonReader reader, ref long? count, ReadOnlySpan<byte> name, ReadOnlySpan<byte> second = default, ReadOnlySpan<byte> third = default)
    {
        bool counted = false;
        return TryCount(ref reader, ref count, ref counted, name, second, third);
    }

    private bool TryCount(ref Utf8JsonReader reader, ref long? count, ref bool counted, ReadOnlySpan<byte> name, ReadOnlySpan<byte> second = default, ReadOnlySpan<byte> third = default)
    {
        long value = 0;
        bool isCount = false;
        bool isMember = TryCount(ref reader, ref value, ref isCount, name, second, third);
        count = isCount ? value : count;
        counted |= isCount;
        return isMember;
    }

    /// <summary>Reads a count if the reader is at one of these names; <paramref name="counted"/> becomes true when there was a number.</summary>
    private bool TryCount(ref Utf8JsonReader reader, ref long count, ref bool counted, ReadOnlySpan<byte> name, ReadOnlySpan<byte> second = default, ReadOnlySpan<byte> third = default)
    {
        if (!Is(ref reader, name, second, third))
        {
            return false;
        }

        reader.Read();
        if (reader.TokenType != JsonTokenType.Number || !reader.TryGetDouble(out double value))
        {
            reader.Skip();
            return true;
        }

        _isImplausible |= value is < 0 or > MaxCount;
        if (value >= 0)
        {
            count = (long)Math.Min(value, MaxCount);
            counted = true;
        }

        return true;
    }

    private bool TryModality(ref Utf8JsonReader reader, ref ModalityTokens? tokens, ReadOnlySpan<byte> name)
    {
        if (!Is(ref reader, name))
        {
            return false;
        }

        if (!Enter(ref reader))
        {
            return true;
        }

        long input = 0, cached = 0, output = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!TryCount(ref reader, ref input, "input_tokens"u8) && !TryCount(ref reader, ref cached, "cached_tokens"u8) && !TryCount(ref reader, ref output, "output_tokens"u8))
            {
                Skip(ref reader);
            }
        }

        tokens = new ModalityTokens(input, cached, output);
        return true;
    }

    // No price is computed from the total, so a total that isn't plausible doesn't make the cost unknown. It is computed from the other counts instead.
    private bool TryTotal(ref Utf8JsonReader reader)
    {
        if (!Is(ref reader, "total_tokens"u8, "totalTokenCount"u8))
        {
            return false;
        }

        reader.Read();
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out double value) && value is >= 0 and <= MaxCount)
        {
            _total = (long)value;
        }

        reader.Skip();
        return true;
    }

    // OpenRouter reports a number, Perplexity an object with a sum in it.
    private bool TryCost(ref Utf8JsonReader reader)
    {
        if (!Is(ref reader, "cost"u8))
        {
            return false;
        }

        if (Enter(ref reader))
        {
            ReadMembers(ref reader, ReadCost);
        }
        else
        {
            Cost(ref reader);
        }

        return true;
    }

    private static bool ReadCost(ref UsageReader usage, ref Utf8JsonReader reader)
    {
        if (!Is(ref reader, "total_cost"u8))
        {
            return false;
        }

        reader.Read();
        usage.Cost(ref reader);
        return true;
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

    private static bool Is(ref Utf8JsonReader reader, ReadOnlySpan<byte> name, ReadOnlySpan<byte> second = default, ReadOnlySpan<byte> third = default) =>
        reader.ValueTextEquals(name) || (!second.IsEmpty && reader.ValueTextEquals(second)) || (!third.IsEmpty && reader.ValueTextEquals(third));
}
