using System;
using System.Collections.Generic;
using System.Text.Json;
using Helicone.LocalGateway.Log;

namespace Helicone.LocalGateway.Query;

/// <summary>The fields of <c>request_response_rmt</c> that this log has. The call is <c>c</c> in the SQL.</summary>
internal static class RequestFields
{
    public const string Table = "request_response_rmt";

    /// <summary>The table of <c>{"properties":{name:{operator:value}}}</c>, which Helicone's guide to sessions uses.</summary>
    public const string PropertiesTable = "properties";

    public const string SessionIdProperty = "helicone-session-id";
    public const string SessionNameProperty = "helicone-session-name";
    public const string SessionPathProperty = "helicone-session-path";

    // The 16 bytes in the form that everybody knows.
    private const string Hex = "lower(hex(c.request_id))";
    private const string IdText = $"(substr({Hex},1,8)||'-'||substr({Hex},9,4)||'-'||substr({Hex},13,4)||'-'||substr({Hex},17,4)||'-'||substr({Hex},21))";

    public static IReadOnlyDictionary<string, FilterField> All { get; } = new Dictionary<string, FilterField>(StringComparer.Ordinal)
    {
        ["provider"] = FilterField.Text("c.provider"),
        ["model"] = FilterField.Text("c.model"),
        ["user_id"] = FilterField.Text("c.user_id"),
        ["request_id"] = FilterField.Operators((operation, value) => MatchId(operation, FilterField.StringOf(value))),
        ["target_url"] = FilterField.Text("c.target_url"),
        ["request_body"] = FilterField.Text($"(SELECT CAST({StoredBody.Sql("b.request")} AS TEXT) FROM body b WHERE b.call_id = c.id)"),
        ["response_body"] = FilterField.Text($"(SELECT CAST({StoredBody.Sql("b.response")} AS TEXT) FROM body b WHERE b.call_id = c.id)"),
        ["cache_reference_id"] = FilterField.Text("c.cache_reference"),
        ["prompt_id"] = FilterField.Text("c.prompt_id"),
        ["latency"] = FilterField.Number("c.latency_ms"),
        ["cost"] = FilterField.Number("c.cost"),
        ["time_to_first_token"] = FilterField.Number("c.ttft_ms"),
        ["status"] = FilterField.Number("c.status"),
        ["prompt_tokens"] = FilterField.Number("c.prompt_tokens"),
        ["completion_tokens"] = FilterField.Number("c.completion_tokens"),
        ["prompt_cache_read_tokens"] = FilterField.Number("c.cache_read_tokens"),
        ["prompt_cache_write_tokens"] = FilterField.Number("c.cache_write_tokens"),
        ["total_tokens"] = FilterField.Number("c.total_tokens"),
        ["request_created_at"] = FilterField.Time("c.created_at"),
        ["response_created_at"] = FilterField.Time("(c.created_at + c.latency_ms)"),
        ["cache_enabled"] = FilterField.Boolean("c.cache_enabled"),
        ["cached"] = FilterField.Boolean("(c.cache_reference IS NOT NULL)"),
        ["helicone-score-feedback"] = FilterField.Boolean("c.feedback"),
        ["properties"] = FilterField.Map((name, operation, value) => MatchProperty(name, operation, FilterField.StringOf(value))),
        ["search_properties"] = FilterField.Map((name, operation, value) => MatchProperty(name, operation, FilterField.StringOf(value))),
        ["scores"] = FilterField.Map((name, operation, value) => MatchScore(name, operation, value)),
        ["property_key"] = FilterField.Operators((operation, value) => operation == "equals"
            ? new Sql("EXISTS (SELECT 1 FROM property p WHERE p.call_id = c.id AND p.key = ?)", FilterField.StringOf(value).ToLowerInvariant())
            : throw new QueryRefusedException($"'{operation}' isn't an operator for property_key. There is equals.")),
    };

    /// <summary>The tables that a filter of requests may name.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyDictionary<string, FilterField>> Tables { get; } = new Dictionary<string, IReadOnlyDictionary<string, FilterField>>(StringComparer.Ordinal)
    {
        [Table] = All,
        ["feedback"] = new Dictionary<string, FilterField>(StringComparer.Ordinal) { ["rating"] = FilterField.Boolean("c.feedback") },
        [PropertiesTable] = new Dictionary<string, FilterField>(StringComparer.Ordinal),

        // What the API's first tables were called (Helicone/helicone valhalla/jawn/src/lib/shared/filters/filterDefs.ts @d47e860e); guides still write them.
        ["request"] = new Dictionary<string, FilterField>(StringComparer.Ordinal)
        {
            ["id"] = All["request_id"],
            ["created_at"] = All["request_created_at"],
            ["user_id"] = All["user_id"],
            ["model"] = FilterField.Text("c.requested_model"),
            ["modelOverride"] = FilterField.Text("c.model_override"),
            ["path"] = FilterField.Text("c.path"),
            ["prompt"] = All["request_body"],
            ["prompt_id"] = All["prompt_id"],
        },
        ["response"] = new Dictionary<string, FilterField>(StringComparer.Ordinal)
        {
            ["status"] = All["status"],
            ["model"] = FilterField.Text("c.served_model"),
            ["body_model"] = FilterField.Text("c.served_model"),
            ["body_tokens"] = All["total_tokens"],
            ["body_completion"] = All["response_body"],
        },
    };

    /// <summary>Where a property of the session's stands; <see langword="null"/> for any other.</summary>
    public static string? SessionColumn(string key) => key switch
    {
        SessionIdProperty => "session_id",
        SessionNameProperty => "session_name",
        SessionPathProperty => "session_path",
        _ => null,
    };

    /// <summary>SQL for the value of a property.</summary>
    public static Sql PropertyValue(string name) => SessionColumn(name.ToLowerInvariant()) is { } column
        ? new Sql("c." + column)
        : new Sql("(SELECT p.value FROM property p WHERE p.call_id = c.id AND p.key = ?)", name.ToLowerInvariant());

    private static Sql MatchProperty(string name, string operation, string value)
    {
        string key = name.ToLowerInvariant();
        if (SessionColumn(key) is { } column)
        {
            return TextMatch.For("c." + column, operation, value);
        }

        // The key's question mark comes first or second, as the expression does.
        Sql match = TextMatch.For("p.value", operation, value);
        bool holdsForNone = operation switch
        {
            "equals" => value.Length == 0,
            "not-equals" => value.Length > 0,
            "not-contains" => value.Trim('%').Length > 0,
            "contains" or "like" or "ilike" => value.Trim('%').Length == 0,
            _ => false,
        };
        return holdsForNone
            ? new Sql("NOT EXISTS (SELECT 1 FROM property p WHERE p.call_id = c.id AND p.key = ? AND NOT (", key).Add(match).Add("))")
            : new Sql("EXISTS (SELECT 1 FROM property p WHERE p.call_id = c.id AND p.key = ? AND ", key).Add(match).Add(")");
    }

    private static Sql MatchScore(string name, string operation, JsonElement value)
    {
        Sql match = FilterField.NumberMatch("s.value", operation, value);
        return new Sql("EXISTS (SELECT 1 FROM score s WHERE s.call_id = c.id AND s.name = ? AND ", name).Add(match).Add(")");
    }

    private static Sql MatchId(string operation, string value)
    {
        if (operation is not ("equals" or "not-equals"))
        {
            return TextMatch.For(IdText, operation, value);
        }

        if (!Guid.TryParse(value, out Guid id))
        {
            return new Sql(operation == "equals" ? "0" : "1");
        }

        return new Sql(operation == "equals" ? "c.request_id = ?" : "c.request_id <> ?", id.ToByteArray(bigEndian: true));
    }
}
