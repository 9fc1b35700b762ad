using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json;

namespace Helicone.Requests;

/// <summary>Helicone's filter tree: <c>"all"</c>, a leaf <c>{table:{field:{operator:value}}}</c>, or two nodes joined by and, or.</summary>
/// <remarks>SPEC FilterNode. Session headers are stored as properties of the same name, so a session is filtered as one.</remarks>
internal sealed class FilterNode
{
    private const string Table = "request_response_rmt";

    private readonly Action<Utf8JsonWriter> _write;

    private FilterNode(Action<Utf8JsonWriter> write) => _write = write;

    /// <summary>Everything.</summary>
    internal static FilterNode All { get; } = new(writer => writer.WriteStringValue("all"));

    internal static FilterNode From(RequestFilter filter)
    {
        List<FilterNode> nodes = [];
        AddAny(nodes, filter.Models, model => Text("model", model));
        AddAny(nodes, filter.Providers, provider => Text("provider", provider));
        AddAny(nodes, filter.UserIds, user => Text("user_id", user));
        AddAny(nodes, filter.SessionIds, session => Property("Helicone-Session-Id", session));
        foreach (KeyValuePair<string, string> property in filter.Properties)
        {
            nodes.Add(Property(property.Key, property.Value));
        }

        AddAny(nodes, filter.Status, status => Leaf("status", "equals", writer => writer.WriteNumberValue(status)));
        if (filter.Cached is { } cached)
        {
            nodes.Add(Leaf("cached", "equals", writer => writer.WriteBooleanValue(cached)));
        }

        if (filter.Since is { } since)
        {
            nodes.Add(Leaf("request_created_at", "gte", writer => writer.WriteStringValue(Iso(since))));
        }

        if (filter.Until is { } until)
        {
            nodes.Add(Leaf("request_created_at", "lte", writer => writer.WriteStringValue(Iso(until))));
        }

        return nodes.Count == 0 ? All : Join("and", nodes);
    }

    internal static string Iso(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    internal void WriteTo(Utf8JsonWriter writer) => _write(writer);

    private static FilterNode Join(string operation, IReadOnlyList<FilterNode> nodes)
    {
        FilterNode joined = nodes[nodes.Count - 1];
        for (int i = nodes.Count - 2; i >= 0; i--)
        {
            FilterNode left = nodes[i];
            FilterNode right = joined;
            joined = new FilterNode(writer =>
            {
                writer.WriteStartObject();
                writer.WritePropertyName("left");
                left.WriteTo(writer);
                writer.WriteString("operator", operation);
                writer.WritePropertyName("right");
                right.WriteTo(writer);
                writer.WriteEndObject();
            });
        }

        return joined;
    }

    private static void AddAny<T>(List<FilterNode> nodes, IReadOnlyList<T> values, Func<T, FilterNode> node)
    {
        if (values.Count > 0)
        {
            nodes.Add(Join("or", values.Select(node).ToArray()));
        }
    }

    private static FilterNode Text(string field, string pattern)
    {
        (string operation, string value) = Match(pattern);
        return Leaf(field, operation, writer => writer.WriteStringValue(value));
    }

    private static FilterNode Property(string name, string pattern)
    {
        (string operation, string value) = Match(pattern);
        return new FilterNode(writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartObject(Table);
            writer.WriteStartObject("properties");
            writer.WriteStartObject(name);
            writer.WriteString(operation, value);
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteEndObject();
        });
    }

    private static FilterNode Leaf(string field, string operation, Action<Utf8JsonWriter> value) => new(writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartObject(Table);
        writer.WriteStartObject(field);
        writer.WritePropertyName(operation);
        value(writer);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
    });

    internal static bool IsPattern(string text) => text.IndexOfAny(['*', '?']) >= 0;

    /// <summary>PowerShell's wildcards in SQL's terms; a text without any is matched exactly.</summary>
    private static (string Operation, string Value) Match(string pattern)
    {
        if (!IsPattern(pattern))
        {
            return ("equals", pattern);
        }

        string escaped = pattern.Replace("\\", "\\\\").Replace("%", "\\%").Replace("_", "\\_");
        return ("ilike", escaped.Replace('*', '%').Replace('?', '_'));
    }
}
