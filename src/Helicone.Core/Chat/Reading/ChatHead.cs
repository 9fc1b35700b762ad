using System;
using System.Text.Json;

namespace Helicone.Chat;

/// <summary>The fields that every event of a stream repeats. Kept once: a value that did not change costs no allocation.</summary>
internal sealed class ChatHead
{
    private static readonly string[] s_names = ["id", "created", "system_fingerprint", "service_tier", "object"];
    private readonly byte[]?[] _values = new byte[s_names.Length][];

    /// <summary>The model as the last event named it.</summary>
    internal string? Model { get; set; }

    /// <returns>The position of the field that the reader is at the name of; -1 for any other field.</returns>
    internal static int IndexOf(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("id"u8) ? 0
        : reader.ValueTextEquals("object"u8) ? 4
        : reader.ValueTextEquals("created"u8) ? 1
        : reader.ValueTextEquals("system_fingerprint"u8) ? 2
        : reader.ValueTextEquals("service_tier"u8) ? 3
        : -1;

    /// <summary>Takes the raw value of a field. The first id is used; of the others, the last value that isn't empty.</summary>
    internal void Take(int field, ReadOnlySpan<byte> value)
    {
        byte[]? known = _values[field];
        if ((known is null || field != 0) && !value.SequenceEqual("null"u8) && !value.SequenceEqual("\"\""u8) && !value.SequenceEqual(known))
        {
            _values[field] = value.ToArray();
        }
    }

    /// <summary>Writes the fields of a whole answer.</summary>
    /// <param name="writer">The writer, within the object.</param>
    /// <param name="id">The id to write where the stream had none.</param>
    internal void WriteTo(Utf8JsonWriter writer, string? id)
    {
        if (_values[0] is null && id is not null)
        {
            writer.WriteString(s_names[0], id);
        }

        writer.WriteString("object", "chat.completion");
        for (int i = 0; i < 4; i++)
        {
            if (_values[i] is { } value)
            {
                writer.WritePropertyName(s_names[i]);
                writer.WriteRawValue(value, skipInputValidation: true);
            }
        }

        if (Model is not null)
        {
            writer.WriteString("model", Model);
        }
    }
}
