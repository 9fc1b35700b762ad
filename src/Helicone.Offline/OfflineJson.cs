using System;
using System.IO;
using System.Text;
using System.Text.Json;

namespace Helicone.Offline;

/// <summary>How the offline model reads and writes JSON.</summary>
internal static class OfflineJson
{
    /// <summary>Writes text as JavaScript would: what a person wrote in French or Japanese stays readable on the wire.</summary>
    public static JsonWriterOptions WriterOptions { get; } = new()
    {
        Encoder = JavaScriptText.Instance,
        SkipValidation = true,
    };

    /// <summary>A schema in <c>tools</c> can be deeper than the reader's 64.</summary>
    public static JsonDocumentOptions DocumentOptions { get; } = new() { MaxDepth = 512 };

    /// <summary>The JSON that is written, as UTF-8.</summary>
    public static byte[] Utf8(Action<Utf8JsonWriter> write)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes, WriterOptions))
        {
            write(json);
        }

        return bytes.ToArray();
    }

    /// <summary>The JSON that is written, as text.</summary>
    public static string Text(Action<Utf8JsonWriter> write) => Encoding.UTF8.GetString(Utf8(write));
}
