using System;
using System.Collections.Generic;
using System.Text.Json;

namespace Helicone.Schemas;

/// <summary>The order in which a JSON Schema lists the properties of a value.</summary>
/// <param name="root">The whole schema, for references.</param>
/// <param name="schema">The schema of the value.</param>
internal sealed class SchemaOrder(JsonElement root, JsonElement schema)
{
    private readonly JsonElement _schema = SchemaReferences.Resolve(root, schema);

    /// <summary>The properties, each with the order of its value.</summary>
    internal IEnumerable<KeyValuePair<string, SchemaOrder?>> Members()
    {
        if (Keyword("properties") is not { ValueKind: JsonValueKind.Object } properties)
        {
            yield break;
        }

        HashSet<string> names = new(StringComparer.OrdinalIgnoreCase);
        foreach (JsonProperty property in properties.EnumerateObject())
        {
            if (names.Add(property.Name))
            {
                yield return new(property.Name, new SchemaOrder(root, property.Value));
            }
        }
    }

    /// <summary>The order of a list's items.</summary>
    internal SchemaOrder? Item() => Keyword("items") is { } items ? new SchemaOrder(root, items) : null;

    internal SchemaOrder? Member(string name) => Keyword("properties") is { ValueKind: JsonValueKind.Object } properties && properties.TryGetProperty(name, out JsonElement member)
        ? new SchemaOrder(root, member)
        : null;

    private JsonElement? Keyword(string name) => _schema.ValueKind == JsonValueKind.Object && _schema.TryGetProperty(name, out JsonElement value) ? value : null;
}
