using System;
using System.Collections.Generic;
using System.Linq;

namespace Helicone.Transformation;

/// <summary>The response format as people pass it: its name, the whole field of the request, or a bare JSON Schema.</summary>
internal static class ResponseFormatArgument
{
    // A format has one of other types, such as json_schema.
    private static readonly string[] s_schemaTypes = ["object", "array", "string", "number", "integer", "boolean", "null"];
    private static readonly string[] s_schemaKeywords = ["$schema", "$ref", "$defs", "properties", "items", "anyOf", "oneOf", "allOf", "enum"];

    /// <exception cref="FormatException">It isn't one of these.</exception>
    public static object From(object value) => PlainValue.Unwrap(value) switch
    {
        "json" => "json_object",
        string text when text.TrimStart().StartsWith("{", StringComparison.Ordinal) =>
            throw new FormatException("-ResponseFormat accepts 'text', 'json', or a hashtable. For a JSON Schema as text, use -As, which also validates the answer and returns an object."),
        string type => type,
        var other => PlainValue.From(other, "ResponseFormat") is Dictionary<string, object?> format
            ? From(format)
            : throw new FormatException("-ResponseFormat accepts 'text', 'json', or a hashtable such as @{ type = 'json_schema'; json_schema = @{ name = 'answer'; schema = @{ … } } }."),
    };

    private static Dictionary<string, object?> From(Dictionary<string, object?> format)
    {
        string? type = format.TryGetValue("type", out object? named) ? named as string : null;
        if (type is "json_schema" && !(format.TryGetValue("json_schema", out object? inner) && inner is Dictionary<string, object?>))
        {
            throw new FormatException("The response format 'json_schema' has no field 'json_schema' with a hashtable: @{ type = 'json_schema'; json_schema = @{ name = 'answer'; schema = @{ … } } }.");
        }

        bool isSchema = named is List<object?> || (type is null ? s_schemaKeywords.Any(format.ContainsKey) : s_schemaTypes.Contains(type));
        return isSchema
            ? new Dictionary<string, object?> { ["type"] = "json_schema", ["json_schema"] = new Dictionary<string, object?> { ["name"] = "answer", ["schema"] = format } }
            : type is not null ? format
            : throw new FormatException("The response format has no field 'type', and it isn't a JSON Schema.");
    }
}
