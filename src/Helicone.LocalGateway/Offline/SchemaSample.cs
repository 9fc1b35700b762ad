using System;
using System.Buffers;
using System.Linq;
using System.Text;
using System.Text.Json;

namespace Helicone.LocalGateway.Offline;

/// <summary>The plainest value that a JSON schema allows, so that a script which reads typed answers runs offline too. Its texts say that they are none.</summary>
internal sealed class SchemaSample
{
    // A schema may refer to itself; below this, what is optional is left out and the rest is null.
    private const int MostDepth = 16;

    private readonly JsonElement _root;
    private readonly Utf8JsonWriter _json;

    private SchemaSample(JsonElement root, Utf8JsonWriter json)
    {
        _root = root;
        _json = json;
    }

    public static string Create(JsonElement schema)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer, GatewayJson.WriterOptions))
        {
            new SchemaSample(schema, json).Write(schema, 0);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private void Write(JsonElement schema, int depth)
    {
        schema = Resolve(schema);
        if (schema.ValueKind != JsonValueKind.Object || depth > MostDepth)
        {
            _json.WriteNullValue();
        }
        else if (schema.TryGetProperty("const", out JsonElement constant))
        {
            constant.WriteTo(_json);
        }
        else if (schema.TryGetProperty("enum", out JsonElement values) && values.ValueKind == JsonValueKind.Array && values.GetArrayLength() > 0)
        {
            values[0].WriteTo(_json);
        }
        else if (FirstOf(schema, "anyOf") is { } any)
        {
            Write(any, depth + 1);
        }
        else if (FirstOf(schema, "oneOf") is { } one)
        {
            Write(one, depth + 1);
        }
        else
        {
            WriteTyped(schema, depth);
        }
    }

    private void WriteTyped(JsonElement schema, int depth)
    {
        switch (TypeOf(schema))
        {
            case "object":
                WriteObject(schema, depth);
                break;
            case "array":
                WriteArray(schema, depth);
                break;
            case "string":
                _json.WriteStringValue(OfflineReplies.Marker);
                break;
            case "integer" or "number":
                _json.WriteNumberValue(Integer(schema, "minimum") ?? 0);
                break;
            case "boolean":
                _json.WriteBooleanValue(false);
                break;
            default:
                _json.WriteNullValue();
                break;
        }
    }

    private void WriteObject(JsonElement schema, int depth)
    {
        _json.WriteStartObject();
        if (depth < MostDepth && schema.TryGetProperty("properties", out JsonElement properties) && properties.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty property in properties.EnumerateObject())
            {
                _json.WritePropertyName(property.Name);
                Write(property.Value, depth + 1);
            }
        }

        _json.WriteEndObject();
    }

    private void WriteArray(JsonElement schema, int depth)
    {
        _json.WriteStartArray();
        if (depth < MostDepth && schema.TryGetProperty("items", out JsonElement items))
        {
            for (long i = 0; i < Math.Min(Integer(schema, "minItems") ?? 0, 100); i++)
            {
                Write(items, depth + 1);
            }
        }

        _json.WriteEndArray();
    }

    private JsonElement Resolve(JsonElement schema)
    {
        for (int hops = 0; hops < MostDepth && schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("$ref", out JsonElement reference); hops++)
        {
            JsonElement target = _root;
            string path = reference.ValueKind == JsonValueKind.String ? reference.GetString()! : string.Empty;
            foreach (string part in path.TrimStart('#').Split('/', StringSplitOptions.RemoveEmptyEntries))
            {
                if (target.ValueKind != JsonValueKind.Object || !target.TryGetProperty(part, out target))
                {
                    return default;
                }
            }

            schema = target;
        }

        return schema;
    }

    private static JsonElement? FirstOf(JsonElement schema, string name) =>
        schema.TryGetProperty(name, out JsonElement options) && options.ValueKind == JsonValueKind.Array && options.GetArrayLength() > 0 ? options[0] : null;

    private static string? TypeOf(JsonElement schema)
    {
        if (!schema.TryGetProperty("type", out JsonElement type))
        {
            return schema.TryGetProperty("properties", out _) ? "object" : null;
        }

        // "type": ["string", "null"] is how strict schemas say optional.
        JsonElement first = type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().FirstOrDefault() : type;
        return first.ValueKind == JsonValueKind.String ? first.GetString() : null;
    }

    private static long? Integer(JsonElement schema, string name) =>
        schema.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number)
            ? (long)Math.Ceiling(number)
            : null;
}
