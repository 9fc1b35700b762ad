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

    /// <exception cref="FormatException">A wildcard pattern is not valid.</exception>
    internal static FilterNode From(RequestFilter filter)
    {
        List<FilterNode> nodes = [];
        AddAnyText(nodes, filter.Models, static (operation, value) => Text("model", operation, value));
        AddAnyText(nodes, filter.Providers, static (operation, value) => Text("provider", operation, value));
        AddAnyText(nodes, filter.UserIds, static (operation, value) => Text("user_id", operation, value));
        AddAnyText(nodes, filter.SessionIds, static (operation, value) => Property("Helicone-Session-Id", operation, value));
        foreach (KeyValuePair<string, string> property in filter.Properties)
        {
            AddAnyText(nodes, [property.Value], (operation, value) => Property(property.Key, operation, value));
        }

        AddAny(nodes, filter.Status.Select(Status));
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

    private static void AddAny(List<FilterNode> nodes, IEnumerable<FilterNode> alternatives)
    {
        FilterNode[] all = alternatives.ToArray();
        if (all.Length > 0)
        {
            nodes.Add(Join("or", all));
        }
    }

    /// <summary>Matches one of several texts, each of which may have wildcards. One without any is compared as it is.</summary>
    private static void AddAnyText(List<FilterNode> nodes, IReadOnlyList<string> texts, Func<string, string, FilterNode> node) =>
        AddAny(nodes, texts.Select(WildcardText.Parse).SelectMany(text => text.Exact is { } exact ? [node("equals", exact)] : text.Patterns.Select(pattern => node("ilike", pattern))));

    private static FilterNode Text(string field, string operation, string value) => Leaf(field, operation, writer => writer.WriteStringValue(value));

    private static FilterNode Status(StatusRange range)
    {
        if (range.From == range.To)
        {
            return Number("equals", range.From);
        }

        List<FilterNode> ends = [];
        if (range.From != int.MinValue)
        {
            ends.Add(Number("gte", range.From));
        }

        if (range.To != int.MaxValue)
        {
            ends.Add(Number("lte", range.To));
        }

        return ends.Count == 0 ? All : Join("and", ends);

        static FilterNode Number(string operation, int status) => Leaf("status", operation, writer => writer.WriteNumberValue(status));
    }

    private static FilterNode Property(string name, string operation, string value) => new(writer =>
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
}
