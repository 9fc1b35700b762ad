using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using Helicone.Serialization;

namespace Helicone.Schemas;

/// <summary>Writes a shape as JSON Schema, in the part of it that strict schemas allow.</summary>
/// <remarks>
/// OpenAI's strict schemas need every property to be required and <c>additionalProperties: false</c>; an optional property is a union with
/// <c>null</c>. Formats are limited to date-time, time, date, duration, email, hostname, ipv4, ipv6, and uuid. Any other requirement is a
/// description. Source: OpenAI's guide to structured outputs, "Supported schemas".
/// </remarks>
internal sealed class SchemaWriter
{
    // OpenAI's limits for strict schemas.
    private const int MaxStrictDepth = 10;
    private const int MaxStrictProperties = 5000;
    private const int MaxStrictChoices = 1000;

    private readonly Dictionary<object, string> _definitions = [];
    private readonly List<ShapeNode> _defined = [];
    private readonly HashSet<object> _open = [];
    private int _properties;
    private int _choices;
    private bool _isStrict = true;

    private SchemaWriter()
    {
    }

    /// <summary>Writes the schema of an object with the property, or of the object itself.</summary>
    /// <param name="root">The shape.</param>
    /// <param name="wrapper">The property that the shape is put into, since the root of a strict schema is an object; <see langword="null"/> for a shape that is one.</param>
    internal static (string Schema, bool IsStrict) Write(ShapeNode root, string? wrapper)
    {
        SchemaWriter writer = new();
        writer.FindRecursion(root);
        string json = JsonText.Object(target =>
        {
            if (wrapper is null)
            {
                writer.WriteObject(target, root, 1);
            }
            else
            {
                ShapeNode outer = new(ShapeKind.Record);
                outer.Add(new ShapeMember(wrapper, root));
                writer.WriteObject(target, outer, 1);
            }

            writer.WriteDefinitions(target);
        });
        return (json, writer._isStrict && writer._properties <= MaxStrictProperties && writer._choices <= MaxStrictChoices);
    }

    // A class that contains itself needs a name that it can refer to.
    private void FindRecursion(ShapeNode node)
    {
        if (node.Item is not null)
        {
            FindRecursion(node.Item);
        }

        if (node.Kind != ShapeKind.Record || _definitions.ContainsKey(node.Identity))
        {
            return;
        }

        if (!_open.Add(node.Identity))
        {
            string name = SchemaName.Of(node.Type!.Name);
            while (_definitions.ContainsValue(name))
            {
                name += "_";
            }

            _definitions.Add(node.Identity, name);
            _defined.Add(node);
            return;
        }

        foreach (ShapeMember member in node.Members)
        {
            FindRecursion(member.Shape);
        }

        _open.Remove(node.Identity);
    }

    private void WriteDefinitions(Utf8JsonWriter writer)
    {
        if (_defined.Count == 0)
        {
            return;
        }

        writer.WriteStartObject("$defs");
        foreach (ShapeNode node in _defined)
        {
            writer.WriteStartObject(_definitions[node.Identity]);
            WriteObject(writer, node, 1);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private void WriteNode(Utf8JsonWriter writer, ShapeNode node, string? description, int depth)
    {
        bool isReference = node.Kind == ShapeKind.Record && _definitions.ContainsKey(node.Identity);
        writer.WriteStartObject();
        if (node.IsOptional && (isReference || node.Kind is ShapeKind.Record or ShapeKind.Map))
        {
            WriteDescription(writer, description);
            writer.WriteStartArray("anyOf");
            writer.WriteStartObject();
            WriteContent(writer, node, null, isReference, depth);
            writer.WriteEndObject();
            writer.WriteStartObject();
            writer.WriteString("type", "null");
            writer.WriteEndObject();
            writer.WriteEndArray();
        }
        else
        {
            WriteContent(writer, node, description, isReference, depth);
        }

        writer.WriteEndObject();
    }

    private void WriteContent(Utf8JsonWriter writer, ShapeNode node, string? description, bool isReference, int depth)
    {
        if (isReference)
        {
            // Strict schemas allow nothing next to a reference.
            writer.WriteString("$ref", "#/$defs/" + _definitions[node.Identity]);
            return;
        }

        ScalarType? scalar = node.Type is null ? null : ScalarType.Of(node.Type);
        WriteDescription(writer, scalar?.What is { } what ? description is null ? Capitalized(what) : $"{description} ({what})" : description);
        switch (node.Kind)
        {
            case ShapeKind.Any:
                _isStrict = false;
                break;
            case ShapeKind.Text:
                WriteType(writer, "string", node.IsOptional);
                if (scalar?.Format is { } format)
                {
                    writer.WriteString("format", format);
                }

                break;
            case ShapeKind.WholeNumber:
                WriteType(writer, "integer", node.IsOptional);
                break;
            case ShapeKind.Number:
                WriteType(writer, "number", node.IsOptional);
                break;
            case ShapeKind.Boolean:
                WriteType(writer, "boolean", node.IsOptional);
                break;
            case ShapeKind.Choice:
                WriteChoice(writer, node);
                break;
            case ShapeKind.List:
                WriteType(writer, "array", node.IsOptional);
                writer.WritePropertyName("items");
                WriteNode(writer, node.Item!, null, depth + 1);
                break;
            case ShapeKind.Map:
                _isStrict = false;
                writer.WriteString("type", "object");
                writer.WritePropertyName("additionalProperties");
                WriteNode(writer, node.Item!, null, depth + 1);
                break;
            default:
                WriteObject(writer, node, depth + 1);
                break;
        }
    }

    private void WriteObject(Utf8JsonWriter writer, ShapeNode node, int depth)
    {
        _isStrict &= depth <= MaxStrictDepth;
        _properties += node.Members.Count;
        writer.WriteString("type", "object");
        writer.WriteStartObject("properties");
        foreach (ShapeMember member in node.Members)
        {
            writer.WritePropertyName(member.Name);
            WriteNode(writer, member.Shape, member.Description, depth);
        }

        writer.WriteEndObject();
        writer.WriteStartArray("required");
        foreach (ShapeMember member in node.Members)
        {
            writer.WriteStringValue(member.Name);
        }

        writer.WriteEndArray();
        writer.WriteBoolean("additionalProperties", false);
    }

    private void WriteChoice(Utf8JsonWriter writer, ShapeNode node)
    {
        _choices += node.Choices.Count;
        string type = node.Choices[0] switch
        {
            string => "string",
            bool => "boolean",
            _ => node.Choices.All(static value => value is long) ? "integer" : "number",
        };
        WriteType(writer, type, node.IsOptional);
        writer.WriteStartArray("enum");
        foreach (object value in node.Choices)
        {
            PlainJson.Write(writer, value, "enum");
        }

        if (node.IsOptional)
        {
            writer.WriteNullValue();
        }

        writer.WriteEndArray();
    }

    private static void WriteDescription(Utf8JsonWriter writer, string? description)
    {
        if (description is not null)
        {
            writer.WriteString("description", description);
        }
    }

    private static void WriteType(Utf8JsonWriter writer, string type, bool isOptional)
    {
        if (!isOptional)
        {
            writer.WriteString("type", type);
            return;
        }

        writer.WriteStartArray("type");
        writer.WriteStringValue(type);
        writer.WriteStringValue("null");
        writer.WriteEndArray();
    }

    private static string Capitalized(string text) => char.ToUpperInvariant(text[0]) + text.Substring(1) + ".";
}
