using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Text.Json;

namespace Helicone.Serialization;

/// <summary>JSON from and to plain values, lists and dictionaries: what a script has in its hands.</summary>
internal static class PlainJson
{
    private const int MaxDepth = 64;

    /// <exception cref="ArgumentException">A value can't be written as JSON; the message contains its place.</exception>
    internal static void Write(Utf8JsonWriter writer, object? value, string path) => Write(writer, value, path, 0);

    /// <summary>A JSON value as plain values, lists and dictionaries.</summary>
    internal static object? Read(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                Dictionary<string, object?> fields = [];
                foreach (JsonProperty property in element.EnumerateObject())
                {
                    fields[property.Name] = Read(property.Value);
                }

                return fields;
            case JsonValueKind.Array:
                List<object?> items = [];
                foreach (JsonElement item in element.EnumerateArray())
                {
                    items.Add(Read(item));
                }

                return items;
            case JsonValueKind.String:
                return element.GetString();
            case JsonValueKind.Number:
                return element.TryGetInt64(out long whole) ? whole : element.GetDouble();
            case JsonValueKind.True:
                return true;
            case JsonValueKind.False:
                return false;
            default:
                return null;
        }
    }

    private static void Write(Utf8JsonWriter writer, object? value, string path, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new ArgumentException($"'{path}' is nested more than {MaxDepth} deep, or contains itself.", nameof(value));
        }

        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case string text:
                writer.WriteStringValue(text);
                break;
            case char character:
                writer.WriteStringValue(character.ToString());
                break;
            case bool flag:
                writer.WriteBooleanValue(flag);
                break;
            case int number:
                writer.WriteNumberValue(number);
                break;
            case long number:
                writer.WriteNumberValue(number);
                break;
            case byte or sbyte or short or ushort or uint:
                writer.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case ulong number:
                writer.WriteNumberValue(number);
                break;
            case decimal number:
                writer.WriteNumberValue(number);
                break;
            case float number when !float.IsNaN(number) && !float.IsInfinity(number):
                writer.WriteNumberValue(number);
                break;
            case double number when !double.IsNaN(number) && !double.IsInfinity(number):
                writer.WriteNumberValue(number);
                break;
            case Enum name:
                writer.WriteStringValue(name.ToString());
                break;
            case DateTime time:
                writer.WriteStringValue(time);
                break;
            case DateTimeOffset time:
                writer.WriteStringValue(time);
                break;
            case Guid or Uri or Version:
                writer.WriteStringValue(value.ToString());
                break;
            case JsonElement element:
                element.WriteTo(writer);
                break;
            case IDictionary or IReadOnlyDictionary<string, object?>:
                writer.WriteStartObject();
                foreach (KeyValuePair<string, object?> field in DictionaryOrder.Fields(value))
                {
                    writer.WritePropertyName(field.Key);
                    Write(writer, field.Value, path + "." + field.Key, depth + 1);
                }

                writer.WriteEndObject();
                break;
            case IEnumerable items:
                writer.WriteStartArray();
                int index = 0;
                foreach (object? item in items)
                {
                    Write(writer, item, $"{path}[{index++}]", depth + 1);
                }

                writer.WriteEndArray();
                break;
            default:
                throw new ArgumentException($"'{path}' is a {value.GetType().Name}, which has no JSON form. Use text, numbers, Booleans, lists, and dictionaries.", nameof(value));
        }
    }
}
