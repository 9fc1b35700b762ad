#pragma warning disable RS0030 // Console: standard output is this program's one sentence to whoever started it.
using System;
using System.IO;
using System.Text.Json;

namespace Helicone.LocalGateway.Hosting;

/// <summary>
/// What the program writes to standard output: <c>{"uri","key","pid","joined","retention"}</c>, once, when the gateway accepts requests, and
/// <c>{"left","users"}</c> in answer to <see cref="LeaveCommand"/>.
/// </summary>
internal static class ReadyLine
{
    /// <summary>This process is the gateway.</summary>
    public static void Write(GatewayHost gateway) => WriteLine(json =>
    {
        WriteGateway(json, gateway.Uri, gateway.Key.Text, Environment.ProcessId, isJoined: false);
        json.WriteStartObject("retention"u8);
        json.WriteString("maxAge"u8, gateway.Retention.AgeText);
        json.WriteString("maxSize"u8, gateway.Retention.SizeText);
        json.WriteEndObject();
    });

    /// <summary>This process has joined the gateway of another.</summary>
    public static void Write(JoinedGateway gateway) => WriteLine(json => WriteGateway(json, gateway.Running.Uri, gateway.Key.Text, gateway.Running.ProcessId, isJoined: true));

    /// <summary>The process that started this one has left the gateway.</summary>
    /// <param name="users">How many others keep it running.</param>
    public static void WriteLeft(int users) => WriteLine(json =>
    {
        json.WriteBoolean("left"u8, true);
        json.WriteNumber("users"u8, users);
    });

    /// <summary>Writes a warning to standard error in the form of the gateway's log, which a PowerShell session reads.</summary>
    public static void WriteWarning(string message) => Console.Error.WriteLine($"warn: {GatewayLog.Category}[40] {message}");

    /// <summary>Reports on standard error why there will be no ready line.</summary>
    public static void WriteError(string message) => Console.Error.WriteLine(message);

    private static void WriteGateway(Utf8JsonWriter json, Uri uri, string key, int processId, bool isJoined)
    {
        json.WriteString("uri"u8, uri.AbsoluteUri);
        json.WriteString("key"u8, key);
        json.WriteNumber("pid"u8, processId);
        json.WriteBoolean("joined"u8, isJoined);
    }

    private static void WriteLine(Action<Utf8JsonWriter> write)
    {
        using MemoryStream line = new();
        using (Utf8JsonWriter json = new(line))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        line.WriteByte((byte)'\n');
        using Stream output = Console.OpenStandardOutput();
        line.WriteTo(output);
        output.Flush();
    }
}
