using System;
using System.Collections.Generic;
using System.Text.Json;

namespace Helicone.LocalGateway.Query;

/// <summary>One of the conditions that must all hold.</summary>
/// <param name="Node">As it was sent.</param>
/// <param name="Sql">On a call <c>c</c>, or on what calls add up to.</param>
/// <param name="Tables">The tables that it names.</param>
internal sealed record FilterCondition(JsonElement Node, Sql Sql, IReadOnlySet<string> Tables)
{
    /// <summary>The property and the value that it demands, when that is all it does.</summary>
    public (string Key, string Value)? Property { get; } = ReadProperty(Node);

    /// <summary>Indicates whether the condition is about the time of the call only.</summary>
    public bool IsTime { get; } = Only(Node, RequestFields.Table)?.Name == "request_created_at";

    /// <summary>Indicates whether an index leads to the few calls for which it holds.</summary>
    public bool IsSelective { get; } = NamesACallOrASession(Node);

    private static bool NamesACallOrASession(JsonElement node)
    {
        if (Only(node, RequestFields.Table) is not { } member)
        {
            return false;
        }

        JsonProperty? compared = member.Name == "request_id" ? member : Only(member, "properties") is { } property && property.Name.Equals(RequestFields.SessionIdProperty, StringComparison.OrdinalIgnoreCase) ? property : null;
        return compared is { } operations && Only(operations.Value)?.Name == "equals";
    }

    private static (string, string)? ReadProperty(JsonElement node)
    {
        if (Only(node, RequestFields.Table) is not { } member || Only(member, "properties") is not { } property || Only(property.Value) is not { Name: "equals", Value: { ValueKind: JsonValueKind.String } value })
        {
            return null;
        }

        string key = property.Name.ToLowerInvariant();
        return RequestFields.SessionColumn(key) is null && value.GetString() is { Length: > 0 } text ? (key, text) : null;
    }

    private static JsonProperty? Only(JsonElement json, string table) => Only(json) is { } member && member.Name == table ? Only(member.Value) : null;

    private static JsonProperty? Only(JsonProperty member, string name) => member.Name == name ? Only(member.Value) : null;

    private static JsonProperty? Only(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        JsonElement.ObjectEnumerator members = json.EnumerateObject();
        if (!members.MoveNext())
        {
            return null;
        }

        JsonProperty first = members.Current;
        return members.MoveNext() ? null : first;
    }
}
