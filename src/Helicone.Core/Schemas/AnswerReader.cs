using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Numerics;
using System.Text.Json;

namespace Helicone.Schemas;

/// <summary>Reads the JSON of an answer as the values of a shape. Nothing is guessed: what doesn't fit exactly is a problem.</summary>
internal sealed class AnswerReader(AnswerProblems problems)
{
    /// <summary>Reads a value. What it returns is only complete when no problem was added.</summary>
    internal object? Read(JsonElement value, ShapeNode node, string path)
    {
        if (value.ValueKind == JsonValueKind.Null)
        {
            return node.IsOptional || node.Kind == ShapeKind.Any ? null : Problem(path, "must not be null");
        }

        return node.Kind switch
        {
            ShapeKind.Any => ReadAny(value, path, null),
            ShapeKind.Text => ReadText(value, node, path),
            ShapeKind.WholeNumber => ReadInteger(value, node, path),
            ShapeKind.Number => ReadNumber(value, node, path),
            ShapeKind.Boolean => value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : Problem(path, "must be true or false", value),
            ShapeKind.Choice => ReadChoice(value, node, path),
            ShapeKind.List => ReadList(value, node, path),
            ShapeKind.Map => ReadMap(value, node, path),
            _ => ReadObject(value, node, path),
        };
    }

    /// <summary>Reads a value that no shape describes.</summary>
    /// <param name="value">The value.</param>
    /// <param name="path">The place of the value.</param>
    /// <param name="order">The JSON Schema of the value, whose order of properties the object has.</param>
    internal object? ReadAny(JsonElement value, string path, SchemaOrder? order)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                Dictionary<string, JsonElement> members = Members(value, path, StringComparer.OrdinalIgnoreCase);
                List<KeyValuePair<string, object?>> fields = [];
                foreach (KeyValuePair<string, SchemaOrder?> declared in order?.Members() ?? [])
                {
                    object? field = null;
                    if (members.TryGetValue(declared.Key, out JsonElement given))
                    {
                        field = value.TryGetProperty(declared.Key, out _) ? ReadAny(given, Join(path, declared.Key), declared.Value) : Problem(Join(path, declared.Key), "has another case in the answer");
                        members.Remove(declared.Key);
                    }

                    fields.Add(new(declared.Key, field));
                }

                foreach (JsonProperty property in value.EnumerateObject())
                {
                    if (members.Remove(property.Name))
                    {
                        fields.Add(new(property.Name, ReadAny(property.Value, Join(path, property.Name), null)));
                    }
                }

                return new AnswerObject(fields);
            case JsonValueKind.Array:
                SchemaOrder? item = order?.Item();
                return value.EnumerateArray().Select((element, index) => ReadAny(element, At(path, index), item)).ToList();
            case JsonValueKind.String:
                return Text(value, path);
            case JsonValueKind.Number:
                return AnswerNumber.Plain(value);
            case JsonValueKind.True:
                return true;
            case JsonValueKind.False:
                return false;
            default:
                return null;
        }
    }

    private static string Join(string path, string name) => path.Length == 0 ? name : path + "." + name;

    private static string At(string path, int index) => string.Format(CultureInfo.InvariantCulture, "{0}[{1}]", path, index);

    private object? Problem(string path, string must, JsonElement value) => Problem(path, $"{must}, and it is {AnswerProblems.Shown(value)}");

    private object? Problem(string path, string must)
    {
        problems.Add($"{AnswerProblems.Subject(path)} {must}.");
        return null;
    }

    private string? Text(JsonElement value, string path)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair.
            Problem(path, "isn't valid Unicode");
            return null;
        }
    }

    private object? ReadText(JsonElement value, ShapeNode node, string path)
    {
        ScalarType? scalar = ScalarType.Of(node.Type ?? typeof(string));
        string must = "must be " + (scalar?.What ?? "text");
        if (value.ValueKind != JsonValueKind.String)
        {
            return Problem(path, must, value);
        }

        string? text = Text(value, path);
        return text is null || scalar?.Parse is null ? text : scalar.Parse(text) ?? Problem(path, must, value);
    }

    private object? ReadInteger(JsonElement value, ShapeNode node, string path)
    {
        Type type = node.Type ?? typeof(long);
        if (value.ValueKind != JsonValueKind.Number || AnswerNumber.Integer(value.GetRawText()) is not { } number)
        {
            return Problem(path, "must be a whole number", value);
        }

        return type == typeof(BigInteger) ? number : AnswerNumber.To(number, type) ?? Problem(path, $"must be a whole number in the range of {type.Name}", value);
    }

    private object? ReadNumber(JsonElement value, ShapeNode node, string path) => value.ValueKind != JsonValueKind.Number
        ? Problem(path, "must be a number", value)
        : AnswerNumber.To(value, node.Type) ?? Problem(path, $"must be a number in the range of {(node.Type ?? typeof(double)).Name}", value);

    private object? ReadChoice(JsonElement value, ShapeNode node, string path)
    {
        object? chosen = value.ValueKind switch
        {
            JsonValueKind.String => Text(value, path) is { } text ? Chosen(text, node) : null,
            JsonValueKind.Number => node.Choices.FirstOrDefault(choice => choice is long or decimal && AnswerNumber.Plain(value) is long or decimal && Convert.ToDecimal(AnswerNumber.Plain(value), CultureInfo.InvariantCulture) == Convert.ToDecimal(choice, CultureInfo.InvariantCulture)),
            JsonValueKind.True or JsonValueKind.False => node.Choices.FirstOrDefault(choice => choice is bool flag && flag == value.GetBoolean()),
            _ => null,
        };
        if (chosen is null)
        {
            return Problem(path, "must be one of " + AnswerProblems.Short(string.Join(", ", node.Choices.Select(static choice => Convert.ToString(choice, CultureInfo.InvariantCulture)))), value);
        }

        return node.Type is { IsEnum: true } type ? Enum.Parse(type, (string)chosen) : chosen;
    }

    // Exactly; else the only one that is the same apart from case.
    private static object? Chosen(string text, ShapeNode node)
    {
        List<object> alike = [.. node.Choices.Where(choice => choice is string name && name.Equals(text, StringComparison.OrdinalIgnoreCase))];
        return alike.Find(choice => (string)choice == text) ?? (alike.Count == 1 ? alike[0] : null);
    }

    private object? ReadList(JsonElement value, ShapeNode node, string path) => value.ValueKind == JsonValueKind.Array
        ? value.EnumerateArray().Select((item, index) => Read(item, node.Item!, At(path, index))).ToList()
        : Problem(path, "must be a list", value);

    private object? ReadMap(JsonElement value, ShapeNode node, string path) => value.ValueKind == JsonValueKind.Object
        ? new AnswerObject([.. Members(value, path, StringComparer.OrdinalIgnoreCase).Select(member => new KeyValuePair<string, object?>(member.Key, Read(member.Value, node.Item!, Join(path, member.Key))))])
        : Problem(path, "must be an object", value);

    private object? ReadObject(JsonElement value, ShapeNode node, string path)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return Problem(path, "must be an object", value);
        }

        Dictionary<string, JsonElement> members = Members(value, path, StringComparer.Ordinal);
        List<KeyValuePair<string, object?>> fields = [];
        foreach (ShapeMember member in node.Members)
        {
            object? field = null;
            string place = Join(path, member.Name);
            if (members.TryGetValue(member.Name, out JsonElement given))
            {
                field = Read(given, member.Shape, place);
                members.Remove(member.Name);
            }
            else if (!member.Shape.IsOptional)
            {
                Problem(place, "is missing");
            }

            fields.Add(new(member.Name, field));
        }

        foreach (string name in members.Keys)
        {
            Problem(AnswerProblems.Short(Join(path, name)), "isn't a property of the schema");
        }

        return new AnswerObject(fields);
    }

    // Of two members with the same name, it is unknown which one is meant.
    private Dictionary<string, JsonElement> Members(JsonElement value, string path, StringComparer comparer)
    {
        Dictionary<string, JsonElement> members = new(comparer);
        foreach (JsonProperty property in value.EnumerateObject())
        {
            string name = property.Name;
            if (name.Length == 0)
            {
                Problem(path, "has a property without a name");
            }
            else if (members.ContainsKey(name))
            {
                Problem(AnswerProblems.Short(Join(path, name)), "is in the answer more than once");
            }
            else
            {
                members.Add(name, property.Value);
            }
        }

        return members;
    }
}
