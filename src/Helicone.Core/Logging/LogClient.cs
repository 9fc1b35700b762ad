using System;
using System.Collections.Generic;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Attribution;
using Helicone.Http;
using Helicone.Serialization;

namespace Helicone.Logging;

/// <summary>The manual logger: <c>POST /custom/v1/log</c>.</summary>
/// <remarks>Helicone/helicone worker/src/lib/models/AsyncLog.ts @c8d63197 and the logger's helpers: attribution goes both as headers and as <c>providerRequest.meta</c>.</remarks>
public sealed class LogClient
{
    private const string CustomModel = "custom-model-nopath";

    private readonly RestClient _rest;

    internal LogClient(RestClient rest) => _rest = rest;

    /// <summary>Writes an entry to the log.</summary>
    /// <exception cref="ArgumentException">It ended before it began, or a value cannot go on the wire. Nothing was sent.</exception>
    /// <exception cref="Errors.HeliconeException">It was refused.</exception>
    public Task SendAsync(ManualLogEntry entry, CancellationToken cancellationToken = default)
    {
        if (entry.EndedAt < entry.StartedAt)
        {
            throw new ArgumentException($"The entry ends at {entry.EndedAt:O}, before it starts at {entry.StartedAt:O}. Helicone rejects such entries.", nameof(entry));
        }

        HeaderSink headers = new();
        entry.Session?.WriteTo(headers);
        entry.Tags.WriteTo(headers);
        return _rest.AddAsync("custom/v1/log", writer => Write(writer, entry, headers), headers.Headers, cancellationToken);
    }

    private static void Write(Utf8JsonWriter writer, ManualLogEntry entry, HeaderSink headers)
    {
        writer.WriteStartObject("providerRequest");
        writer.WriteString("url", CustomModel);
        writer.WritePropertyName("json");
        PlainJson.Write(writer, entry.Request, "Request");
        writer.WriteStartObject("meta");
        foreach (KeyValuePair<string, string> header in headers.Headers)
        {
            writer.WriteString(header.Key, header.Value);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();

        writer.WriteStartObject("providerResponse");
        writer.WriteNumber("status", entry.Status);
        writer.WriteStartObject("headers");
        writer.WriteEndObject();
        writer.WritePropertyName("json");
        PlainJson.Write(writer, entry.Response, "Response");
        if (entry.ResponseText is { } text)
        {
            writer.WriteString("textBody", text);
        }

        writer.WriteEndObject();

        writer.WriteStartObject("timing");
        WriteTime(writer, "startTime", entry.StartedAt);
        WriteTime(writer, "endTime", entry.EndedAt);
        if (entry.TimeToFirstToken is { } first)
        {
            writer.WriteNumber("timeToFirstToken", (long)first.TotalMilliseconds);
        }

        writer.WriteEndObject();
        if (entry.Provider is { } provider)
        {
            writer.WriteString("provider", provider);
        }
    }

    private static void WriteTime(Utf8JsonWriter writer, string name, DateTimeOffset time)
    {
        long milliseconds = time.ToUnixTimeMilliseconds();
        writer.WriteStartObject(name);
        writer.WriteNumber("seconds", milliseconds / 1000);
        writer.WriteNumber("milliseconds", milliseconds % 1000);
        writer.WriteEndObject();
    }
}
