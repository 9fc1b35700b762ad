#pragma warning disable RS0030 // Console: standard output is this program's one sentence to whoever started it.
using System;
using System.IO;
using System.Text.Json;

namespace Helicone.LocalGateway.Hosting;

/// <summary>What the gateway says on standard output: <c>{"uri","key","pid"}</c>, once, when it takes requests.</summary>
internal static class ReadyLine
{
    public static void Write(GatewayHost gateway)
    {
        using MemoryStream line = new();
        using (Utf8JsonWriter json = new(line))
        {
            json.WriteStartObject();
            json.WriteString("uri"u8, gateway.Uri.AbsoluteUri);
            json.WriteString("key"u8, gateway.Key.Text);
            json.WriteNumber("pid"u8, Environment.ProcessId);
            json.WriteEndObject();
        }

        line.WriteByte((byte)'\n');
        using Stream output = Console.OpenStandardOutput();
        line.WriteTo(output);
        output.Flush();
    }

    /// <summary>Says on standard error why there will be no ready line.</summary>
    public static void WriteError(string message) => Console.Error.WriteLine(message);
}
