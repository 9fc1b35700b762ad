using System.Buffers;
using System.Text.Json;

namespace Helicone.LocalGateway.Log;

/// <summary>The text that the log contains when an answer is missing or incomplete.</summary>
internal static class LogErrorText
{
    /// <summary><c>{"message":…}</c>.</summary>
    public static void WriteTo(IBufferWriter<byte> output, string message)
    {
        using Utf8JsonWriter json = new(output, GatewayJson.WriterOptions);
        json.WriteStartObject();
        json.WriteString("message"u8, message);
        json.WriteEndObject();
    }
}
