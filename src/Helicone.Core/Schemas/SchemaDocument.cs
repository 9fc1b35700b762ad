using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using Helicone.Serialization;

namespace Helicone.Schemas;

/// <summary>A JSON Schema that was passed as such, with an object at its root.</summary>
internal sealed class SchemaDocument
{
    private const int MaxDepth = 64;

    private static readonly string[] s_types = ["object", "array", "string", "number", "integer", "boolean", "null"];

    // A shape with properties of these names only is also a JSON Schema.
    private static readonly HashSet<string> s_keywords = new(StringComparer.OrdinalIgnoreCase)
    {
        "$schema", "$id", "$ref", "$defs", "$comment", "$anchor", "definitions", "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly", "type", "enum", "const",
        "properties", "required", "additionalProperties", "patternProperties", "propertyNames", "minProperties", "maxProperties", "unevaluatedProperties", "items", "prefixItems", "contains",
        "minItems", "maxItems", "uniqueItems", "anyOf", "oneOf", "allOf", "not", "if", "then", "else", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength",
        "maxLength", "pattern", "format",
    };

    private static readonly string[] s_unions = ["anyOf", "oneOf", "allOf"];
    private static readonly string[] s_content = ["type", "$ref", "anyOf", "enum", "const"];

    // What OpenAI's strict schemas don't allow.
    private static readonly string[] s_notStrict =
    [
        "oneOf", "allOf", "not", "if", "patternProperties", "prefixItems", "dependentSchemas", "unevaluatedProperties", "contains", "propertyNames", "uniqueItems", "default",
    ];

    private static readonly string[] s_notes = ["title", "description", "default", "examples", "type"];

    private readonly JsonElement _root;
    private readonly SchemaValidator _validator;

    /// <exception cref="FormatException">The text isn't a self-contained JSON Schema.</exception>
    internal SchemaDocument(string json)
    {
        JsonElement given = Parse(json);
        CheckReferences(given, given, 0);
        JsonElement type = SchemaReferences.Resolve(given, given);
        IsList = HasType(type, "array");
        Wrapper = HasType(type, "object") || (type.TryGetProperty("properties", out _) && !type.TryGetProperty("type", out _)) ? null : IsList ? "items" : "value";
        _root = Wrapper is null ? given : Wrap(given, Wrapper);
        IsStrict = IsStrictObject(_root);
        Name = given.TryGetProperty("title", out JsonElement title) && title.ValueKind == JsonValueKind.String ? SchemaName.Of(title.GetString()!) : SchemaName.Default;
        OptionalAssemblies.Load(OptionalAssemblies.Schemas);
        _validator = SchemaValidator.Create(_root);
    }

    internal string Json => _root.GetRawText();

    internal string Name { get; }

    internal bool IsStrict { get; }

    internal bool IsList { get; }

    internal string? Wrapper { get; }

    /// <summary>The names of the properties at the root.</summary>
    internal IEnumerable<string> Members => new SchemaOrder(_root, _root).Members().Select(static member => member.Key);

    /// <summary>Indicates whether a dictionary is a JSON Schema and not a shape.</summary>
    /// <exception cref="FormatException">It could be both.</exception>
    internal static bool Is(IDictionary dictionary)
    {
        Dictionary<string, object?> members = new(StringComparer.OrdinalIgnoreCase);
        foreach (KeyValuePair<string, object?> member in DictionaryOrder.Fields(dictionary))
        {
            members[member.Key] = member.Value;
        }

        string? type = members.TryGetValue("type", out object? named) ? named as string : null;
        if (members.ContainsKey("$schema") || members.ContainsKey("$ref")
            || (type == "object" && members.TryGetValue("properties", out object? properties) && properties is IDictionary)
            || (type == "array" && members.TryGetValue("items", out object? items) && items is IDictionary)
            || Array.Exists(s_unions, name => members.TryGetValue(name, out object? branches) && branches is IEnumerable list and not (string or IDictionary) && list.Cast<object?>().All(static branch => branch is IDictionary)))
        {
            return true;
        }

        bool couldBe = type is not null && Array.IndexOf(s_types, type) >= 0 && members.Keys.All(s_keywords.Contains) && members.Keys.Any(static name => !s_notes.Contains(name, StringComparer.OrdinalIgnoreCase));
        return couldBe
            ? throw new FormatException(
                "The hashtable is ambiguous: it could be a JSON Schema, or a shape with a property 'type'. For a JSON Schema, add '$schema' = 'https://json-schema.org/draft/2020-12/schema'. "
                + "For a shape, use a class, or another name for the property.")
            : false;
    }

    /// <summary>The JSON of a dictionary.</summary>
    /// <exception cref="FormatException">A value has no JSON form.</exception>
    internal static string Write(IDictionary dictionary) => System.Text.Encoding.UTF8.GetString(JsonText.Utf8(writer => PlainJson.Write(writer, dictionary, "As")));

    /// <summary>Reads an answer.</summary>
    internal object? Read(JsonElement value, AnswerProblems problems)
    {
        bool isBare = Wrapper is not null && !(value.ValueKind == JsonValueKind.Object && value.TryGetProperty(Wrapper, out _));
        JsonElement whole = isBare
            ? Parsed(JsonText.Object(writer =>
            {
                writer.WritePropertyName(Wrapper!);
                value.WriteTo(writer);
            }))
            : value;
        SchemaOrder order = new(_root, _root);
        object? read = new AnswerReader(problems).ReadAny(whole, string.Empty, order);
        if (!problems.HasAny)
        {
            _validator.Check(whole, problems);
        }

        return Wrapper is null || read is not AnswerObject wrapped ? read : wrapped.Members.FirstOrDefault(member => member.Key == Wrapper).Value;
    }

    private static JsonElement Parse(string json)
    {
        try
        {
            JsonElement schema = Parsed(json);
            return schema.ValueKind == JsonValueKind.Object ? schema : throw new FormatException("A JSON Schema is a JSON object, such as {\"type\": \"object\", \"properties\": …}.");
        }
        catch (JsonException e)
        {
            throw new FormatException("The JSON Schema isn't valid JSON: " + e.Message, e);
        }
    }

    private static JsonElement Parsed(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        return document.RootElement.Clone();
    }

    // Nothing is fetched to check an answer, and a reference without a target would be found out after the call was paid for.
    private static void CheckReferences(JsonElement root, JsonElement schema, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new FormatException($"The JSON Schema is nested more than {MaxDepth} levels deep.");
        }

        if (SchemaReferences.Reference(schema) is { } reference && SchemaReferences.Find(root, reference) is null)
        {
            throw new FormatException($"The JSON Schema refers to '{reference}', which it doesn't contain. Use references such as '#/$defs/name'.");
        }

        foreach (JsonElement child in SchemaReferences.Children(schema))
        {
            CheckReferences(root, child, depth + 1);
        }
    }

    private static bool HasType(JsonElement schema, string name) => schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("type", out JsonElement type) && type.ValueKind == JsonValueKind.String && type.ValueEquals(name);

    // The root of a strict schema is an object. Definitions stay at the root, where references look for them.
    private static JsonElement Wrap(JsonElement schema, string wrapper)
    {
        if (RefersToRoot(schema, 0))
        {
            throw new FormatException("The JSON Schema refers to its own root ('#'), and its root isn't an object. Put it into the property of an object.");
        }

        return Parsed(JsonText.Object(writer =>
        {
            writer.WriteString("type", "object");
            writer.WriteStartObject("properties");
            writer.WriteStartObject(wrapper);
            foreach (JsonProperty keyword in schema.EnumerateObject().Where(static keyword => !IsOfRoot(keyword)))
            {
                keyword.WriteTo(writer);
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteStartArray("required");
            writer.WriteStringValue(wrapper);
            writer.WriteEndArray();
            writer.WriteBoolean("additionalProperties", false);
            foreach (JsonProperty keyword in schema.EnumerateObject().Where(IsOfRoot))
            {
                keyword.WriteTo(writer);
            }
        }));
    }

    private static bool IsOfRoot(JsonProperty keyword) => keyword.Name is "$defs" or "definitions" or "$schema" or "$id";

    private static bool RefersToRoot(JsonElement schema, int depth) =>
        (depth <= MaxDepth && SchemaReferences.Reference(schema) is { } reference && !reference.StartsWith("#/$defs/", StringComparison.Ordinal) && !reference.StartsWith("#/definitions/", StringComparison.Ordinal))
        || SchemaReferences.Children(schema).Any(child => RefersToRoot(child, depth + 1));

    // Every object has only known properties, and all of them are required. The rest is for the provider to judge.
    private static bool IsStrictObject(JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        bool isObject = schema.TryGetProperty("properties", out JsonElement properties) || MayBe(schema, "object");
        if (isObject)
        {
            HashSet<string?> required = schema.TryGetProperty("required", out JsonElement list) && list.ValueKind == JsonValueKind.Array
                ? [.. list.EnumerateArray().Where(static item => item.ValueKind == JsonValueKind.String).Select(static item => item.GetString())]
                : [];
            if (properties.ValueKind != JsonValueKind.Object || !schema.TryGetProperty("additionalProperties", out JsonElement others) || others.ValueKind != JsonValueKind.False
                || !properties.EnumerateObject().All(property => required.Contains(property.Name)))
            {
                return false;
            }
        }

        bool says = isObject || Array.Exists(s_content, name => schema.TryGetProperty(name, out _));
        bool usesMore = Array.Exists(s_notStrict, name => schema.TryGetProperty(name, out _));
        return says && !usesMore && SchemaReferences.Children(schema).All(IsStrictObject);
    }

    private static bool MayBe(JsonElement schema, string name) => schema.TryGetProperty("type", out JsonElement type)
        && (HasType(schema, name) || (type.ValueKind == JsonValueKind.Array && type.EnumerateArray().Any(item => item.ValueKind == JsonValueKind.String && item.ValueEquals(name))));
}
