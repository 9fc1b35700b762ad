using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text.Json;

namespace Helicone.Schemas;

/// <summary>References within a JSON Schema: <c>#</c>, and <c>#/$defs/name</c>.</summary>
internal static class SchemaReferences
{
    private const int MaxHops = 32;

    /// <summary>The schema at the end of a chain of references; the schema itself when there are none.</summary>
    internal static JsonElement Resolve(JsonElement root, JsonElement schema)
    {
        for (int hops = 0; hops < MaxHops && Reference(schema) is { } reference && Find(root, reference) is { } target; hops++)
        {
            schema = target;
        }

        return schema;
    }

    internal static string? Reference(JsonElement schema) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("$ref", out JsonElement reference) && reference.ValueKind == JsonValueKind.String ? reference.GetString() : null;

    /// <summary>Finds the target of a reference; <see langword="null"/> where the schema doesn't contain it.</summary>
    internal static JsonElement? Find(JsonElement root, string reference)
    {
        if (reference == "#")
        {
            return root;
        }

        if (!reference.StartsWith("#/", StringComparison.Ordinal))
        {
            return null;
        }

        JsonElement current = root;
        foreach (string token in Uri.UnescapeDataString(reference.Substring(2)).Split('/'))
        {
            string name = token.Replace("~1", "/").Replace("~0", "~");
            if (current.ValueKind == JsonValueKind.Object && current.TryGetProperty(name, out JsonElement member))
            {
                current = member;
            }
            else if (current.ValueKind == JsonValueKind.Array && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < current.GetArrayLength())
            {
                current = current[index];
            }
            else
            {
                return null;
            }
        }

        return current;
    }

    /// <summary>The schemas that are directly within a schema.</summary>
    internal static IEnumerable<JsonElement> Children(JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object)
        {
            yield break;
        }

        foreach (JsonProperty keyword in schema.EnumerateObject())
        {
            switch (keyword.Name)
            {
                case "properties" or "patternProperties" or "$defs" or "definitions" or "dependentSchemas" when keyword.Value.ValueKind == JsonValueKind.Object:
                    foreach (JsonProperty member in keyword.Value.EnumerateObject())
                    {
                        yield return member.Value;
                    }

                    break;
                case "anyOf" or "oneOf" or "allOf" or "prefixItems" or "items" when keyword.Value.ValueKind == JsonValueKind.Array:
                    foreach (JsonElement item in keyword.Value.EnumerateArray())
                    {
                        yield return item;
                    }

                    break;
                case "items" or "additionalProperties" or "not" or "if" or "then" or "else" or "contains" or "propertyNames" or "unevaluatedProperties" or "unevaluatedItems" or "additionalItems"
                    when keyword.Value.ValueKind == JsonValueKind.Object:
                    yield return keyword.Value;
                    break;
            }
        }
    }
}
