using System;
using System.Globalization;
using System.IO;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Helicone.Serialization;

/// <summary>Small pieces of JSON text: a string that .NET refuses to read, an object made in passing.</summary>
/// <remarks>
/// Some servers cut an emoji in two and send each half of its surrogate pair, as an escape, in a separate chunk; others send bytes that
/// are not UTF-8. The answer is whole all the same: the halves are kept as they are and meet again in the text; broken bytes become U+FFFD.
/// </remarks>
internal static class JsonText
{
    // A body is JSON and never part of a page, so only what JSON itself requires is escaped.
    internal static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>The JSON that is written, as UTF-8.</summary>
    internal static byte[] Utf8(Action<Utf8JsonWriter> write)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter writer = new(bytes, WriterOptions))
        {
            write(writer);
        }

        return bytes.ToArray();
    }

    /// <summary>The JSON of an object whose members are written.</summary>
    internal static string Object(Action<Utf8JsonWriter> write) => Encoding.UTF8.GetString(Utf8(writer =>
    {
        writer.WriteStartObject();
        write(writer);
        writer.WriteEndObject();
    }));

    /// <summary>The text of a string; <see langword="null"/> for anything else.</summary>
    internal static string? StringOf(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        try
        {
            return element.GetString();
        }
        catch (InvalidOperationException)
        {
            string raw = element.GetRawText();
            return Lenient(Encoding.UTF8.GetBytes(raw.Substring(1, raw.Length - 2)));
        }
    }

    /// <summary>The text of a member; <see langword="null"/> when it is missing or isn't a string.</summary>
    internal static string? StringOf(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) ? StringOf(value) : null;

    /// <summary>The text of the string that the reader is at; of anything else, skipped, <see langword="null"/>.</summary>
    internal static string? StringOf(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            try
            {
                return reader.GetString();
            }
            catch (InvalidOperationException)
            {
                return Lenient(reader.ValueSpan);
            }
        }

        reader.Skip();
        return null;
    }

    /// <param name="escaped">The text between the quotation marks, which is well-formed except for its characters.</param>
    internal static string Lenient(ReadOnlySpan<byte> escaped)
    {
        string text = Encoding.UTF8.GetString(escaped.ToArray());
        StringBuilder result = new(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || i + 1 >= text.Length)
            {
                result.Append(text[i]);
                continue;
            }

            i++;
            if (text[i] == 'u' && i + 4 < text.Length)
            {
                result.Append((char)ushort.Parse(text.Substring(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                i += 4;
                continue;
            }

            result.Append(text[i] switch
            {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'b' => '\b',
                'f' => '\f',
                char other => other,
            });
        }

        return result.ToString();
    }
}
