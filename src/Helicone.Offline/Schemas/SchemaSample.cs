using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;

namespace Helicone.Offline.Schemas;

/// <summary>Creates a plain value that a JSON schema allows, so that a script that reads typed answers runs offline too.</summary>
/// <remarks>Every value is validated before it is returned. Where one doesn't fit, another branch, type, or text is tried.</remarks>
internal sealed class SchemaSample
{
    private const int MostAttempts = 1000;

    // Below this depth a schema that refers to itself can't be met.
    private const int MostDepth = 48;
    private const int MostItems = 10_000;

    private static readonly string[] s_types = ["string", "integer", "boolean", "object", "array", "null"];
    private static readonly JsonSerializerOptions s_plainText = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly JsonElement _root;
    private readonly SchemaChoices _choices;

    private SchemaSample(JsonElement root, SchemaChoices choices)
    {
        _root = root;
        _choices = choices;
    }

    /// <summary>Creates the JSON of a value that fits the schema.</summary>
    /// <exception cref="FormatException">The schema isn't valid, or no value was found that fits it.</exception>
    public static string Create(JsonElement schema)
    {
        JsonSchema validator = Build(schema);
        EvaluationOptions strict = new() { RequireFormatValidation = true };
        SchemaChoices choices = new();
        string? reason = null;
        for (int attempt = 0; attempt < MostAttempts; attempt++)
        {
            try
            {
                string json = new SchemaSample(schema, choices).Value([schema], ["#"], 0, 0)?.ToJsonString(s_plainText) ?? "null";
                using JsonDocument value = JsonDocument.Parse(json);
                if (validator.Evaluate(value.RootElement, strict).IsValid)
                {
                    return json;
                }
            }
            catch (UnmetSchemaException e)
            {
                reason ??= e.Message;
            }

            if (!choices.Advance())
            {
                break;
            }
        }

        throw new FormatException($"The offline model found no value that fits the JSON schema. {reason ?? "Its requirements contradict each other, or are too involved."}");
    }

    private static JsonSchema Build(JsonElement schema)
    {
        try
        {
            // A registry of its own: schemas of other calls may have the same id.
            return JsonSchema.FromText(schema.GetRawText(), new BuildOptions { SchemaRegistry = new SchemaRegistry() });
        }
        catch (Exception e) when (e is JsonException or JsonSchemaException or RefResolutionException or ArgumentException or InvalidOperationException or FormatException)
        {
            throw new FormatException($"The JSON schema is not valid. {e.Message}", e);
        }
    }

    /// <summary>A value that fits all of some schemas.</summary>
    /// <param name="schemas">The schemas.</param>
    /// <param name="around">The references that lead to the values around it.</param>
    /// <param name="depth">The number of objects and arrays around it.</param>
    /// <param name="number">A number that makes the value differ from its neighbors.</param>
    private JsonNode? Value(IReadOnlyList<JsonElement> schemas, IReadOnlyCollection<string> around, int depth, int number)
    {
        if (depth > MostDepth)
        {
            throw new FormatException("The offline model found no value that fits the JSON schema. It refers to itself without an end.");
        }

        SchemaShape shape = SchemaShape.Of(_root, schemas, _choices, around, depth);
        if (shape.Values is { } values)
        {
            return values.Count > 0
                ? Node(values[(int)(((long)_choices.Choose(values.Count) + number) % values.Count)])
                : throw new UnmetSchemaException("No value is allowed by each of its 'enum' and 'const'.");
        }

        List<string> types = TypesOf(shape);
        return types[_choices.Choose(types.Count)] switch
        {
            "object" => ObjectOf(shape, depth, number),
            "array" => ArrayOf(shape, depth, number),
            "string" => TextSample.Create(shape, _choices, number),
            "integer" => NumberOf(shape, isInteger: true, number),
            "number" => NumberOf(shape, isInteger: false, number),
            "boolean" => (_choices.Choose(2) + number) % 2 == 1,
            "null" => null,
            string other => throw new FormatException($"'type': '{other}' is not a type."),
        };
    }

    private static JsonNode? Node(JsonElement value) => JsonNode.Parse(value.GetRawText());

    private static List<string> TypesOf(SchemaShape shape)
    {
        if (shape.Types is { } types)
        {
            return types.Count == 0 ? throw new UnmetSchemaException("No type is allowed by each of its parts.")
                : shape.IsDeep ? [.. types.OrderBy(t => t == "null" ? 0 : t is "object" or "array" ? 2 : 1)] : types;
        }

        // The type that its keywords are about comes first, but any other is allowed.
        string first = shape.Members.Count > 0 || shape.Required.Count > 0 || shape.MinProperties > 0 ? "object"
            : shape.Items.Count > 0 || shape.MinItems > 0 || shape.Contains.Count > 0 ? "array"
            : shape.Patterns.Count > 0 || shape.Formats.Count > 0 || shape.MinLength > 0 || shape.MaxLength < long.MaxValue ? "string"
            : shape.Minimums.Count > 0 || shape.Maximums.Count > 0 || shape.Multiples.Count > 0 ? "number"
            : "null";
        return [first, .. s_types.Where(t => t != first)];
    }

    private JsonValue NumberOf(SchemaShape shape, bool isInteger, int number)
    {
        IReadOnlyList<decimal> candidates = NumberSample.Candidates(shape, isInteger, number + 1);
        return candidates.Count > 0
            ? JsonValue.Create(candidates[(int)(((long)_choices.Choose(Math.Min(candidates.Count, 8)) + number) % candidates.Count)])
            : throw new UnmetSchemaException("No number lies within its bounds.");
    }

    private JsonArray ArrayOf(SchemaShape shape, int depth, int number)
    {
        long prefix = shape.Items.Count == 0 ? 0 : shape.Items.Max(i => (long)i.Prefix.Length);
        long contained = shape.Contains.Sum(c => c.Least);
        long wanted = Math.Max(shape.MinItems, Math.Max(shape.IsDeep && contained == 0 ? 0 : prefix, contained));
        long count = Math.Min(wanted, shape.MaxItems);
        if (count < Math.Max(shape.MinItems, Math.Min(contained, 1)) || count > MostItems)
        {
            throw new UnmetSchemaException($"No array has at least {Math.Max(shape.MinItems, contained)} and at most {Math.Min(shape.MaxItems, MostItems)} items.");
        }

        // The items that it has to contain stand last, where fewer rules are about their places; one item may be several of them.
        List<JsonElement>[] items = [.. Enumerable.Range(0, (int)count).Select(i => ItemSchemas(shape, i))];
        long place = _choices.Choose(2) == 0 ? Math.Max(0, count - contained) : 0;
        foreach ((JsonElement schema, long least) in shape.Contains)
        {
            for (long i = 0; i < least; i++)
            {
                items[(place++) % Math.Max(count, 1)].Add(schema);
            }
        }

        return new JsonArray([.. items.Select((schemas, i) => Value(schemas, shape.References, depth + 1, shape.HasUniqueItems ? number + i : number))]);
    }

    private static List<JsonElement> ItemSchemas(SchemaShape shape, int index) =>
        [.. shape.Items.Select(i => index < i.Prefix.Length ? i.Prefix[index] : i.Others).OfType<JsonElement>()];

    private JsonObject ObjectOf(SchemaShape shape, int depth, int number)
    {
        List<string> required = [.. shape.Required];
        List<string> names = [.. shape.Members.SelectMany(m => m.Named).Select(n => n.Name).Where(n => !shape.IsDeep || required.Contains(n)).Distinct()];
        names.AddRange(required.Where(r => !names.Contains(r)));

        // Optional members that no value fits, or that go on without an end, are left out, and so are those beyond the most.
        names.RemoveAll(n => !required.Contains(n) && SchemasOf(shape, n).Any(s => s.ValueKind == JsonValueKind.False || shape.IsRecursive(s)));
        if (names.Count > 0 && _choices.Choose(2) == 1)
        {
            names.RemoveAll(n => !required.Contains(n));
        }

        for (int i = names.Count - 1; i >= 0 && names.Count > shape.MaxProperties; i--)
        {
            if (!required.Contains(names[i]))
            {
                names.RemoveAt(i);
            }
        }

        AddDependents(shape, names);
        AddOthers(shape, names, depth);
        JsonObject value = [];
        foreach (string name in names)
        {
            value[name] = Value([.. SchemasOf(shape, name)], shape.References, depth + 1, number);
        }

        return value;
    }

    private static IEnumerable<JsonElement> SchemasOf(SchemaShape shape, string name) => shape.Members.SelectMany(m => m.For(name));

    private static void AddDependents(SchemaShape shape, List<string> names)
    {
        for (int i = 0; i < shape.Dependents.Count; i++)
        {
            (string name, string[] required, JsonElement? schema) = shape.Dependents[i];
            if (!names.Contains(name))
            {
                continue;
            }

            names.AddRange(required.Where(r => !names.Contains(r)));
            if (schema is { } more)
            {
                int known = shape.Required.Count;
                shape.Add(more);
                names.AddRange(shape.Required.Skip(known).Where(r => !names.Contains(r)));
            }
        }
    }

    /// <summary>Adds members that have no name of their own, until there are as many as there have to be.</summary>
    private void AddOthers(SchemaShape shape, List<string> names, int depth)
    {
        if (shape.MinProperties > MostItems)
        {
            throw new UnmetSchemaException($"An object of {shape.MinProperties} members is too large.");
        }

        string[] patterns = [.. shape.Members.SelectMany(m => m.Patterns).Where(p => p.Schema.ValueKind != JsonValueKind.False).Select(p => p.Pattern)];
        for (int i = 0; names.Count < shape.MinProperties && i < 2 * MostItems; i++)
        {
            string name;
            if (shape.PropertyNames.Count > 0)
            {
                name = Value([.. shape.PropertyNames.Select(AsText)], shape.References, depth + 1, i)?.ToString() ?? string.Empty;
            }
            else if (patterns.Length > 0)
            {
                name = TextSample.Create(SchemaShape.Of(_root, [JsonSerializer.SerializeToElement(new { pattern = patterns[i % patterns.Length] })], _choices, shape.References, depth), _choices, i / patterns.Length);
            }
            else
            {
                name = "property" + (i + 1).ToString(CultureInfo.InvariantCulture);
            }

            if (!names.Contains(name) && SchemasOf(shape, name).All(s => s.ValueKind != JsonValueKind.False))
            {
                names.Add(name);
            }
        }
    }

    // A name is a text, whether or not its schema says so.
    private static JsonElement AsText(JsonElement schema) =>
        schema.ValueKind != JsonValueKind.Object || schema.TryGetProperty("type", out _) ? schema : JsonSerializer.SerializeToElement(new { type = "string", allOf = new[] { schema } });
}
