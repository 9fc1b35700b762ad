using System;
using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Helicone.LocalGateway.Log;
using Microsoft.Data.Sqlite;

namespace Helicone.LocalGateway.Query;

/// <summary>Writes calls as the REST API shows them (HeliconeRequest).</summary>
internal sealed class RequestRows : IDisposable
{
    private const string Columns = """
        c.request_id, c.created_at, c.latency_ms, c.ttft_ms, c.requested_model, c.served_model, c.model_override, c.model, c.provider, c.status,
        c.prompt_tokens, c.completion_tokens, c.total_tokens, c.cache_read_tokens, c.cache_write_tokens, c.reasoning_tokens, c.cost, c.cache_enabled,
        c.cache_reference, c.session_id, c.session_name, c.session_path, c.user_id, c.path, c.target_url, c.body_mapping, c.prompt_id, c.feedback,
        c.feedback_at
        """;

    private readonly Statement _calls;
    private readonly Statement _properties;
    private readonly Statement _scores;
    private readonly Statement _bodies;
    private readonly bool _includesBody;
    private readonly Func<Guid, string> _bodyUrl;
    private readonly ArrayBufferWriter<byte> _map = new(256);

    public RequestRows(SqliteConnection connection, bool includesBody, Func<Guid, string> bodyUrl)
    {
        _includesBody = includesBody;
        _bodyUrl = bodyUrl;
        _calls = new Statement(connection, $"SELECT {Columns} FROM call c WHERE c.id = ?");
        _properties = new Statement(connection, "SELECT name, value FROM property WHERE call_id = ?");
        _scores = new Statement(connection, "SELECT name, value FROM score WHERE call_id = ?");
        _bodies = Bodies(connection);
    }

    /// <summary>Writes the call with that number, if there is one.</summary>
    public bool Write(Utf8JsonWriter json, long call)
    {
        _calls.Begin().Bind(call);
        bool found = _calls.Next();
        if (found)
        {
            json.WriteStartObject();
            WriteCall(json, call);
            json.WriteEndObject();
        }

        _calls.Reset();
        return found;
    }

    /// <summary>Writes the bodies of a call alone, as the object that <c>signed_body_url</c> points to.</summary>
    public static void WriteBodies(SqliteConnection connection, Utf8JsonWriter json, long call)
    {
        using Statement bodies = Bodies(connection);
        json.WriteStartObject();
        WriteBodies(bodies, json, call, "request"u8, "response"u8);
        json.WriteEndObject();
    }

    public void Dispose()
    {
        _calls.Dispose();
        _properties.Dispose();
        _scores.Dispose();
        _bodies.Dispose();
    }

    private static Statement Bodies(SqliteConnection connection) => new(connection, "SELECT request, response FROM body WHERE call_id = ?");

    private void WriteCall(Utf8JsonWriter json, long call)
    {
        Statement row = _calls;
        long createdAt = row.Number(1);
        Guid id = new(row.Bytes(0), bigEndian: true);
        json.WriteString("request_id"u8, id);
        json.WriteString("request_created_at"u8, QueryTimes.Format(createdAt));
        json.WriteNull("response_id"u8);
        json.WriteString("response_created_at"u8, QueryTimes.Format(createdAt + row.Number(2)));
        json.WriteNumber("response_status"u8, row.Number(9));
        WriteText(json, "request_model"u8, 4);
        WriteText(json, "response_model"u8, 5);
        WriteText(json, "model_override"u8, 6);
        WriteText(json, "model"u8, 7);
        WriteText(json, "provider"u8, 8);
        json.WriteNumber("delay_ms"u8, row.Number(2));
        WriteNumber(json, "time_to_first_token"u8, 3);
        WriteNumber(json, "prompt_tokens"u8, 10);
        WriteNumber(json, "completion_tokens"u8, 11);
        WriteNumber(json, "total_tokens"u8, 12);
        WriteNumber(json, "prompt_cache_read_tokens"u8, 13);
        WriteNumber(json, "prompt_cache_write_tokens"u8, 14);
        WriteNumber(json, "reasoning_tokens"u8, 15);
        json.WriteNull("prompt_audio_tokens"u8);
        json.WriteNull("completion_audio_tokens"u8);
        WriteReal(json, "cost"u8, 16);
        WriteReal(json, "costUSD"u8, 16);
        json.WriteBoolean("cache_enabled"u8, row.Number(17) != 0);
        WriteText(json, "cache_reference_id"u8, 18);
        WriteText(json, "request_user_id"u8, 22);
        WriteText(json, "request_path"u8, 23, orEmpty: true);
        WriteText(json, "target_url"u8, 24, orEmpty: true);
        WriteText(json, "ai_gateway_body_mapping"u8, 25);
        WriteText(json, "prompt_id"u8, 26);
        json.WriteNull("prompt_version"u8);
        WriteFeedback(json);
        WriteProperties(json, call);
        WriteScores(json, call);
        if (_includesBody)
        {
            WriteBodies(_bodies, json, call, "request_body"u8, "response_body"u8);
        }
        else
        {
            WritePlaceholder(json, "request_body"u8, id);
            WritePlaceholder(json, "response_body"u8, id);
        }

        json.WriteString("signed_body_url"u8, _bodyUrl(id));
        json.WriteNull("llmSchema"u8);
        json.WriteNull("helicone_user"u8);
        json.WriteNull("country_code"u8);
        json.WriteNull("request_referrer"u8);
        json.WriteNull("asset_ids"u8);
        json.WriteNull("asset_urls"u8);
        json.WriteStartArray("assets"u8);
        json.WriteEndArray();
    }

    private void WriteFeedback(Utf8JsonWriter json)
    {
        json.WriteNull("feedback_id"u8);
        if (_calls.IsNull(27))
        {
            json.WriteNull("feedback_rating"u8);
            json.WriteNull("feedback_created_at"u8);
        }
        else
        {
            json.WriteBoolean("feedback_rating"u8, _calls.Number(27) != 0);
            json.WriteString("feedback_created_at"u8, QueryTimes.Format(_calls.Number(28)));
        }
    }

    /// <summary>As on Helicone's cloud, the properties include the headers of the session.</summary>
    private void WriteProperties(Utf8JsonWriter json, long call)
    {
        _map.ResetWrittenCount();
        using (Utf8JsonWriter properties = new(_map, GatewayJson.WriterOptions))
        {
            properties.WriteStartObject();
            WriteIfAny(properties, "Helicone-Session-Id"u8, 19);
            WriteIfAny(properties, "Helicone-Session-Name"u8, 20);
            WriteIfAny(properties, "Helicone-Session-Path"u8, 21);
            _properties.Begin().Bind(call);
            while (_properties.Next())
            {
                properties.WriteString(_properties.Bytes(0), _properties.Bytes(1));
            }

            _properties.Reset();
            properties.WriteEndObject();
        }

        json.WritePropertyName("properties"u8);
        json.WriteRawValue(_map.WrittenSpan, skipInputValidation: true);
        json.WritePropertyName("request_properties"u8);
        json.WriteRawValue(_map.WrittenSpan, skipInputValidation: true);
    }

    private void WriteScores(Utf8JsonWriter json, long call)
    {
        json.WriteStartObject("scores"u8);
        _scores.Begin().Bind(call);
        while (_scores.Next())
        {
            json.WriteNumber(_scores.Bytes(0), _scores.Real(1));
        }

        _scores.Reset();
        json.WriteEndObject();
    }

    private static void WriteBodies(Statement bodies, Utf8JsonWriter json, long call, ReadOnlySpan<byte> request, ReadOnlySpan<byte> response)
    {
        bodies.Begin().Bind(call);
        bool found = bodies.Next();
        WriteBody(json, request, found && !bodies.IsNull(0) ? StoredBody.Restore(bodies.Bytes(0)) : default);
        WriteBody(json, response, found && !bodies.IsNull(1) ? StoredBody.Restore(bodies.Bytes(1)) : default);
        bodies.Reset();
    }

    private static void WritePlaceholder(Utf8JsonWriter json, ReadOnlySpan<byte> name, Guid id)
    {
        json.WriteStartObject(name);
        json.WriteString("helicone_message"u8, $"Lists don't contain bodies. GET signed_body_url, or /v1/request/{id}?includeBody=true.");
        json.WriteEndObject();
    }

    /// <summary>JSON as it is, anything else as a text.</summary>
    private static void WriteBody(Utf8JsonWriter json, ReadOnlySpan<byte> name, ReadOnlySpan<byte> body)
    {
        json.WritePropertyName(name);
        if (body.IsEmpty)
        {
            json.WriteNullValue();
        }
        else if (IsJson(body))
        {
            json.WriteRawValue(body, skipInputValidation: true);
        }
        else
        {
            json.WriteStringValue(Encoding.UTF8.GetString(body));
        }
    }

    private static bool IsJson(ReadOnlySpan<byte> body)
    {
        // The reader takes broken UTF-8 within strings for text.
        if (!Utf8.IsValid(body))
        {
            return false;
        }

        try
        {
            Utf8JsonReader reader = new(body, GatewayJson.ReaderOptions);
            while (reader.Read())
            {
                // To the end: anything behind the value is an error too.
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private void WriteIfAny(Utf8JsonWriter json, ReadOnlySpan<byte> name, int column)
    {
        if (!_calls.IsNull(column))
        {
            json.WriteString(name, _calls.Bytes(column));
        }
    }

    private void WriteText(Utf8JsonWriter json, ReadOnlySpan<byte> name, int column, bool orEmpty = false)
    {
        if (!_calls.IsNull(column))
        {
            json.WriteString(name, _calls.Bytes(column));
        }
        else if (orEmpty)
        {
            json.WriteString(name, ""u8);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private void WriteNumber(Utf8JsonWriter json, ReadOnlySpan<byte> name, int column)
    {
        if (_calls.IsNull(column))
        {
            json.WriteNull(name);
        }
        else
        {
            json.WriteNumber(name, _calls.Number(column));
        }
    }

    private void WriteReal(Utf8JsonWriter json, ReadOnlySpan<byte> name, int column)
    {
        if (_calls.IsNull(column))
        {
            json.WriteNull(name);
        }
        else
        {
            // Prices have fewer digits than a double; printed in full, 0.0000018 would look like an error of ours.
            json.WriteNumber(name, (decimal)_calls.Real(column));
        }
    }
}
