using System;
using System.Linq;
using System.Text.Json;

namespace Helicone.Offline.Schemas;

/// <summary>Finds what a <c>$ref</c> within a schema points to.</summary>
internal static class SchemaReferences
{
    /// <exception cref="FormatException">It points outside of the schema, or nowhere.</exception>
    public static JsonElement Resolve(JsonElement root, JsonElement reference)
    {
        string text = reference.ValueKind == JsonValueKind.String ? reference.GetString()! : reference.GetRawText();
        if (text.Length == 0 || text[0] != '#')
        {
            throw new FormatException($"'$ref': '{text}' points outside of the schema. Put the definition into '$defs'.");
        }

        string path = Uri.UnescapeDataString(text[1..]);
        if (path.Length > 0 && path[0] != '/')
        {
            return FindAnchor(root, path) ?? throw new FormatException($"'$ref': '{text}' is not defined in the schema.");
        }

        JsonElement target = root;
        foreach (string part in path.Split('/').Skip(path.Length > 0 ? 1 : 0))
        {
            string name = part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            if (path.Length == 0)
            {
                break;
            }

            target = target.ValueKind switch
            {
                JsonValueKind.Object when target.TryGetProperty(name, out JsonElement member) => member,
                JsonValueKind.Array when int.TryParse(name, out int index) && index >= 0 && index < target.GetArrayLength() => target[index],
                _ => throw new FormatException($"'$ref': '{text}' is not defined in the schema."),
            };
        }

        return target;
    }

    private static JsonElement? FindAnchor(JsonElement schema, string anchor)
    {
        if (schema.ValueKind == JsonValueKind.Object)
        {
            if (schema.TryGetProperty("$anchor", out JsonElement name) && name.ValueKind == JsonValueKind.String && name.ValueEquals(anchor))
            {
                return schema;
            }

            foreach (JsonProperty member in schema.EnumerateObject())
            {
                if (FindAnchor(member.Value, anchor) is { } found)
                {
                    return found;
                }
            }
        }
        else if (schema.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in schema.EnumerateArray())
            {
                if (FindAnchor(item, anchor) is { } found)
                {
                    return found;
                }
            }
        }

        return null;
    }
}
