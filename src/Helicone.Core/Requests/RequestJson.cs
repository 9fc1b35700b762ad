using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text.Json;
using Helicone.Chat;
using Helicone.Errors;

namespace Helicone.Requests;

/// <summary>Reads a row of the log (SPEC HeliconeRequest).</summary>
internal static class RequestJson
{
    /// <exception cref="HeliconeException">The row has no id, so it isn't a request.</exception>
    internal static LoggedRequest Read(JsonElement row, bool includeBody)
    {
        if (row.ValueKind != JsonValueKind.Object || Text(row, "request_id") is not { } id)
        {
            throw new HeliconeException(HeliconeErrorKind.MalformedResponse, "A row of the log has no request_id.");
        }

        NamedValues<string> properties = [];
        AddStrings(row, "request_properties", properties);
        AddStrings(row, "properties", properties);
        string? requestBody = includeBody ? Body(row, "request_body") : null;
        string? session = Take(properties, "Helicone-Session-Id");
        string? sessionName = Take(properties, "Helicone-Session-Name");
        string? sessionPath = Take(properties, "Helicone-Session-Path");
        return new LoggedRequest
        {
            RequestId = id,
            CreatedAt = Time(row, "request_created_at") ?? default,
            CompletedAt = Time(row, "response_created_at"),
            Model = NotEmpty(Text(row, "response_model")) ?? NotEmpty(Text(row, "model")) ?? Text(row, "request_model"),
            RequestedModel = NotEmpty(Text(row, "request_model")),
            Provider = NotEmpty(Text(row, "provider")),
            Status = (int)(Number(row, "response_status") ?? -100),
            UserId = NotEmpty(Text(row, "request_user_id")),
            SessionId = session,
            SessionName = sessionName,
            SessionPath = sessionPath,
            Properties = properties,
            PromptTokens = Whole(row, "prompt_tokens"),
            CompletionTokens = Whole(row, "completion_tokens"),
            TotalTokens = Whole(row, "total_tokens"),
            CachedTokens = Whole(row, "prompt_cache_read_tokens"),
            Cost = Money(row, "costUSD") ?? Money(row, "cost"),
            Latency = Milliseconds(row, "delay_ms"),
            TimeToFirstToken = Milliseconds(row, "time_to_first_token"),
            CacheStatus = Cache(row),
            Feedback = row.TryGetProperty("feedback_rating", out JsonElement rating) && rating.ValueKind is JsonValueKind.True or JsonValueKind.False ? rating.GetBoolean() : null,
            Scores = ReadScores(row),
            Path = NotEmpty(Text(row, "request_path")),
            Prompt = PromptText.Read(requestBody),
            RequestBody = requestBody,
            ResponseBody = includeBody ? Body(row, "response_body") : null,
        };
    }

    /// <summary>ISO 8601, or ClickHouse's form of it, which is UTC without an offset. Returned in local time, as people read and compare it.</summary>
    internal static DateTimeOffset? Time(JsonElement row, string name) =>
        Text(row, name) is { } text && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time) ? time.ToLocalTime() : null;

    internal static string? Text(JsonElement row, string name) =>
        row.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    internal static string? NotEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    // ClickHouse writes its 64-bit numbers as strings.
    internal static double? Number(JsonElement row, string name)
    {
        if (!row.TryGetProperty(name, out JsonElement value))
        {
            return null;
        }

        return value.ValueKind switch
        {
            JsonValueKind.Number => value.GetDouble(),
            JsonValueKind.String when double.TryParse(value.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out double number) => number,
            _ => null,
        };
    }

    /// <summary>A whole number. Beyond 2^53 a double would give another one.</summary>
    internal static long? Whole(JsonElement row, string name)
    {
        if (row.TryGetProperty(name, out JsonElement value)
            && ((value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long whole))
                || (value.ValueKind == JsonValueKind.String && long.TryParse(value.GetString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out whole))))
        {
            return whole;
        }

        return Number(row, name) is { } number && Math.Abs(number) < 1e18 ? (long)number : null;
    }

    internal static decimal? Money(JsonElement row, string name) =>
        Number(row, name) is { } number && Math.Abs(number) < 1e15 ? (decimal)number : null;

    private static TimeSpan? Milliseconds(JsonElement row, string name) =>
        Number(row, name) is { } number && number >= 0 ? TimeSpan.FromMilliseconds(number) : null;

    // The row of a hit contains the id of the call whose answer it is; the nil UUID and an empty text mean none.
    private static CacheStatus Cache(JsonElement row)
    {
        string? reference = NotEmpty(Text(row, "cache_reference_id"));
        if (reference is not null && reference != Guid.Empty.ToString())
        {
            return CacheStatus.Hit;
        }

        return row.TryGetProperty("cache_enabled", out JsonElement enabled) && enabled.ValueKind == JsonValueKind.True ? CacheStatus.Miss : CacheStatus.None;
    }

    private static NamedValues<double> ReadScores(JsonElement row)
    {
        NamedValues<double> scores = [];
        if (row.TryGetProperty("scores", out JsonElement values) && values.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty score in values.EnumerateObject())
            {
                if (score.Value.ValueKind == JsonValueKind.Number)
                {
                    scores[score.Name] = score.Value.GetDouble();
                }
            }
        }

        return scores;
    }

    private static void AddStrings(JsonElement row, string name, Dictionary<string, string> into)
    {
        if (row.TryGetProperty(name, out JsonElement values) && values.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty property in values.EnumerateObject())
            {
                into[property.Name] = property.Value.ValueKind == JsonValueKind.String ? property.Value.GetString()! : property.Value.GetRawText();
            }
        }
    }

    private static string? Take(Dictionary<string, string> properties, string name)
    {
        if (!properties.TryGetValue(name, out string? value))
        {
            return null;
        }

        properties.Remove(name);
        return value;
    }

    private static string? Body(JsonElement row, string name) =>
        row.TryGetProperty(name, out JsonElement value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined)
            ? value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText()
            : null;
}
