using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Helicone.Offline.Schemas;

/// <summary>What several schemas require of one value together, with the branches that were chosen.</summary>
internal sealed class SchemaShape
{
    // References that only lead to each other.
    private const int MostHops = 64;

    // From this depth on the plainest branch comes first, so that a schema that refers to itself ends.
    private const int Deep = 6;

    private static readonly string[] s_plainTypes = ["null", "boolean", "integer", "number", "string"];

    private readonly JsonElement _root;
    private readonly SchemaChoices _choices;
    private int _hops;

    private SchemaShape(JsonElement root, SchemaChoices choices, bool isDeep)
    {
        _root = root;
        _choices = choices;
        IsDeep = isDeep;
    }

    /// <summary>Indicates whether optional parts are left out.</summary>
    public bool IsDeep { get; }

    /// <summary>The references that lead here, those of the values around this one included.</summary>
    public HashSet<string> References { get; } = [];

    /// <summary>The types that are allowed; <see langword="null"/> for any.</summary>
    public List<string>? Types { get; private set; }

    /// <summary>The only values that are allowed.</summary>
    public List<JsonElement>? Values { get; private set; }

    public List<(JsonElement Bound, bool IsExclusive)> Minimums { get; } = [];

    public List<(JsonElement Bound, bool IsExclusive)> Maximums { get; } = [];

    public List<JsonElement> Multiples { get; } = [];

    public long MinLength { get; private set; }

    public long MaxLength { get; private set; } = long.MaxValue;

    public List<string> Patterns { get; } = [];

    public List<string> Formats { get; } = [];

    public long MinItems { get; private set; }

    public long MaxItems { get; private set; } = long.MaxValue;

    public bool HasUniqueItems { get; private set; }

    /// <summary>The schemas of an array's items: those of the first ones, and of the rest.</summary>
    public List<(JsonElement[] Prefix, JsonElement? Others)> Items { get; } = [];

    public List<(JsonElement Schema, long Least)> Contains { get; } = [];

    /// <summary>The schemas of an object's members, one entry for each schema that names any.</summary>
    public List<SchemaMembers> Members { get; } = [];

    public List<string> Required { get; } = [];

    public long MinProperties { get; private set; }

    public long MaxProperties { get; private set; } = long.MaxValue;

    public List<JsonElement> PropertyNames { get; } = [];

    /// <summary>Names that are required, and schemas that apply, where another name is present.</summary>
    public List<(string Name, string[] Required, JsonElement? Schema)> Dependents { get; } = [];

    /// <summary>Reads the shape of a value.</summary>
    /// <param name="root">The whole schema, which references are about.</param>
    /// <param name="schemas">What the value has to fit.</param>
    /// <param name="choices">Chooses branches.</param>
    /// <param name="around">The references that lead to the values around this one.</param>
    /// <param name="depth">The number of these.</param>
    public static SchemaShape Of(JsonElement root, IEnumerable<JsonElement> schemas, SchemaChoices choices, IReadOnlyCollection<string> around, int depth)
    {
        SchemaShape shape = new(root, choices, depth > Deep);
        shape.References.UnionWith(around);
        foreach (JsonElement schema in schemas)
        {
            shape.Add(schema);
        }

        return shape;
    }

    /// <summary>Indicates whether a schema refers to one that this value is a part of.</summary>
    public bool IsRecursive(JsonElement schema) => schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("$ref", out JsonElement reference) && References.Contains(reference.ToString());

    /// <summary>Adds what another schema requires of the same value.</summary>
    public void Add(JsonElement schema)
    {
        if (schema.ValueKind == JsonValueKind.True)
        {
            return;
        }

        if (schema.ValueKind != JsonValueKind.Object)
        {
            throw schema.ValueKind == JsonValueKind.False ? new UnmetSchemaException("The schema allows no value.") : new FormatException($"A schema is an object, not '{schema.GetRawText()}'.");
        }

        if (schema.TryGetProperty("$ref", out JsonElement reference) || schema.TryGetProperty("$dynamicRef", out reference))
        {
            if (++_hops > MostHops)
            {
                throw new FormatException($"'$ref': '{reference}' refers to itself.");
            }

            JsonElement target = SchemaReferences.Resolve(_root, reference);
            References.Add(reference.ToString());
            Add(target);
        }

        AddValues(schema);
        AddNumbersAndTexts(schema);
        AddItems(schema);
        AddMembers(schema);
        AddBranches(schema);
    }

    private void AddBranches(JsonElement schema)
    {
        foreach (JsonElement part in List(schema, "allOf"))
        {
            Add(part);
        }

        AddOneOf([.. List(schema, "anyOf")]);
        AddOneOf([.. List(schema, "oneOf")]);
        if (schema.TryGetProperty("if", out JsonElement condition))
        {
            if (_choices.Choose(2) == 0)
            {
                Add(condition);
                AddMember(schema, "then");
            }
            else
            {
                AddMember(schema, "else");
            }
        }
    }

    private void AddMember(JsonElement schema, string name)
    {
        if (schema.TryGetProperty(name, out JsonElement part))
        {
            Add(part);
        }
    }

    private void AddOneOf(JsonElement[] options)
    {
        if (options.Length > 0)
        {
            // What leads back to where it came from comes last.
            JsonElement[] ordered = [.. options.OrderBy(o => IsRecursive(o) ? 2 : IsDeep && !IsPlain(o) ? 1 : 0)];
            Add(ordered[_choices.Choose(ordered.Length)]);
        }
    }

    private static bool IsPlain(JsonElement schema) => schema.ValueKind == JsonValueKind.Object
        && (schema.TryGetProperty("const", out _) || schema.TryGetProperty("enum", out _) || (schema.TryGetProperty("type", out JsonElement type) && type.ValueKind == JsonValueKind.String && s_plainTypes.Contains(type.GetString())));

    private void AddValues(JsonElement schema)
    {
        if (schema.TryGetProperty("type", out JsonElement type))
        {
            List<string> types = [.. (type.ValueKind == JsonValueKind.Array ? type.EnumerateArray() : (IEnumerable<JsonElement>)[type]).Select(t => t.ValueKind == JsonValueKind.String ? t.GetString()! : throw new FormatException($"'type': '{type.GetRawText()}' is not a type."))];

            // Every integer is a number.
            Types = Types is null ? types
                : [.. Types.Where(t => types.Contains(t) || (t == "integer" && types.Contains("number"))), .. types.Where(t => t == "integer" && !Types.Contains("integer") && Types.Contains("number"))];
        }

        if (schema.TryGetProperty("const", out JsonElement constant))
        {
            Allow([constant]);
        }

        if (schema.TryGetProperty("enum", out JsonElement values) && values.ValueKind == JsonValueKind.Array)
        {
            Allow([.. values.EnumerateArray()]);
        }
    }

    private void Allow(List<JsonElement> values) =>
        Values = Values is null ? values : [.. Values.Where(v => values.Any(o => JsonNode.DeepEquals(JsonNode.Parse(v.GetRawText()), JsonNode.Parse(o.GetRawText()))))];

    private void AddNumbersAndTexts(JsonElement schema)
    {
        AddBound(schema, "minimum", "exclusiveMinimum", Minimums);
        AddBound(schema, "maximum", "exclusiveMaximum", Maximums);
        if (schema.TryGetProperty("multipleOf", out JsonElement multiple) && multiple.ValueKind == JsonValueKind.Number)
        {
            Multiples.Add(multiple);
        }

        MinLength = Math.Max(MinLength, Whole(schema, "minLength") ?? 0);
        MaxLength = Math.Min(MaxLength, Whole(schema, "maxLength") ?? long.MaxValue);
        AddText(schema, "pattern", Patterns);
        AddText(schema, "format", Formats);
    }

    private static void AddBound(JsonElement schema, string name, string exclusive, List<(JsonElement, bool)> bounds)
    {
        bool hasBound = schema.TryGetProperty(name, out JsonElement bound) && bound.ValueKind == JsonValueKind.Number;
        bool hasExclusive = schema.TryGetProperty(exclusive, out JsonElement other);
        if (hasBound)
        {
            // Draft 4 has a Boolean here.
            bounds.Add((bound, hasExclusive && other.ValueKind == JsonValueKind.True));
        }

        if (hasExclusive && other.ValueKind == JsonValueKind.Number)
        {
            bounds.Add((other, true));
        }
    }

    private void AddItems(JsonElement schema)
    {
        MinItems = Math.Max(MinItems, Whole(schema, "minItems") ?? 0);
        MaxItems = Math.Min(MaxItems, Whole(schema, "maxItems") ?? long.MaxValue);
        HasUniqueItems |= schema.TryGetProperty("uniqueItems", out JsonElement unique) && unique.ValueKind == JsonValueKind.True;
        bool hasItems = schema.TryGetProperty("items", out JsonElement items);
        JsonElement[] prefix = [.. List(schema, "prefixItems")];
        if (hasItems && items.ValueKind == JsonValueKind.Array)
        {
            // Before 2020-12.
            prefix = [.. items.EnumerateArray()];
            hasItems = schema.TryGetProperty("additionalItems", out items);
        }

        if (hasItems || prefix.Length > 0)
        {
            Items.Add((prefix, hasItems ? items : null));
        }

        if (schema.TryGetProperty("contains", out JsonElement contains))
        {
            Contains.Add((contains, Whole(schema, "minContains") ?? 1));
        }
    }

    private void AddMembers(JsonElement schema)
    {
        MinProperties = Math.Max(MinProperties, Whole(schema, "minProperties") ?? 0);
        MaxProperties = Math.Min(MaxProperties, Whole(schema, "maxProperties") ?? long.MaxValue);
        Required.AddRange(Texts(schema, "required").Where(r => !Required.Contains(r)));
        if (schema.TryGetProperty("propertyNames", out JsonElement names))
        {
            PropertyNames.Add(names);
        }

        SchemaMembers members = SchemaMembers.Of(schema);
        if (!members.IsEmpty)
        {
            Members.Add(members);
        }

        foreach (JsonProperty dependent in ((IEnumerable<JsonProperty>)[.. Object(schema, "dependentRequired"), .. Object(schema, "dependencies"), .. Object(schema, "dependentSchemas")]))
        {
            bool isList = dependent.Value.ValueKind == JsonValueKind.Array;
            Dependents.Add((dependent.Name, isList ? [.. dependent.Value.EnumerateArray().Select(r => r.ToString())] : [], isList ? null : dependent.Value));
        }
    }

    private static void AddText(JsonElement schema, string name, List<string> texts)
    {
        if (schema.TryGetProperty(name, out JsonElement text) && text.ValueKind == JsonValueKind.String && !texts.Contains(text.GetString()!))
        {
            texts.Add(text.GetString()!);
        }
    }

    private static JsonElement.ArrayEnumerator List(JsonElement schema, string name) =>
        schema.TryGetProperty(name, out JsonElement list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : default;

    private static IEnumerable<string> Texts(JsonElement schema, string name) => List(schema, name).Where(t => t.ValueKind == JsonValueKind.String).Select(t => t.GetString()!);

    private static JsonElement.ObjectEnumerator Object(JsonElement schema, string name) =>
        schema.TryGetProperty(name, out JsonElement members) && members.ValueKind == JsonValueKind.Object ? members.EnumerateObject() : default;

    private static long? Whole(JsonElement schema, string name) =>
        schema.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) ? (long)Math.Min(Math.Max(number, 0), 1e15) : null;
}
