using System;
using System.IO;
using System.Text.Encodings.Web;
using System.Text.Json;
using Helicone.Chat;
using Helicone.Errors;
using Helicone.Spending;

namespace Helicone.Bulk;

/// <summary>The lines of a journal.</summary>
internal static class JournalJson
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal static byte[] Header(string magic, int version) => Line(writer =>
    {
        writer.WriteString("journal", magic);
        writer.WriteNumber("version", version);
    });

    internal static bool IsHeader(byte[] line, string magic, int newestVersion)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement root = document.RootElement;
            return root.ValueKind == JsonValueKind.Object
                && root.TryGetProperty("journal", out JsonElement name) && name.ValueKind == JsonValueKind.String && name.GetString() == magic
                && root.TryGetProperty("version", out JsonElement number) && number.ValueKind == JsonValueKind.Number && number.TryGetInt32(out int version) && version >= 1 && version <= newestVersion;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    internal static byte[] Sent(JournalKey key, JournalKey? replaces, DateTimeOffset at) => Line(writer =>
    {
        WriteHead(writer, "sent", key, at);
        if (replaces is { } earlier)
        {
            writer.WriteString("replaces", earlier.Fingerprint);
            writer.WriteNumber("replacesOccurrence", earlier.Occurrence);
        }
    });

    internal static byte[] Failed(JournalKey key, HeliconeException failure, DateTimeOffset at) => Line(writer =>
    {
        WriteHead(writer, "failed", key, at);
        writer.WriteString("kind", failure.Kind.ToString());
        if (failure.StatusCode is { } status)
        {
            writer.WriteNumber("status", status);
        }

        writer.WriteString("message", failure.Message);
        writer.WriteString("requestId", failure.RequestId);
    });

    internal static byte[] Done(JournalKey key, ChatCompletion completion, DateTimeOffset at) => Line(writer =>
    {
        WriteHead(writer, "done", key, at);
        writer.WriteString("requestedModel", completion.RequestedModel);
        writer.WriteString("provider", completion.Provider);
        writer.WriteString("requestId", completion.RequestId);
        writer.WriteString("sessionId", completion.SessionId);
        writer.WriteString("cache", completion.CacheStatus.ToString());
        if (completion.Cost is { } cost)
        {
            writer.WriteNumber("cost", cost);
        }

        writer.WriteNumber("latencyMs", completion.Latency.TotalMilliseconds);
        if (completion.TimeToFirstToken is { } first)
        {
            writer.WriteNumber("timeToFirstTokenMs", first.TotalMilliseconds);
        }

        // The answer itself last, so that the facts about it can be read at a glance.
        writer.WriteString("answer", completion.Raw);
    });

    /// <summary>Reads the facts of a line, without its answer.</summary>
    /// <returns><see langword="null"/> when the line can't be read.</returns>
    internal static JournalLine? TryReadLine(byte[] line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || Text(root, "key") is not { } fingerprint)
            {
                return null;
            }

            JournalState? state = Text(root, "state") switch
            {
                "sent" => JournalState.Sent,
                "failed" => JournalState.Failed,
                "done" => JournalState.Done,
                _ => null,
            };
            return state is null
                ? null
                : new JournalLine(
                    new JournalKey(fingerprint, Number(root, "occurrence")),
                    state.Value,
                    state == JournalState.Done && CostCalculator.IsFree(Text(root, "provider")),
                    Text(root, "replaces") is { } replaced ? new JournalKey(replaced, Number(root, "replacesOccurrence")) : null);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    internal static ChatCompletion ReadCompletion(JsonElement root, object? input)
    {
        string answer = Text(root, "answer") ?? throw new JsonException("The line has no answer.");
        byte[] json = System.Text.Encoding.UTF8.GetBytes(answer);
        ChatEvent parsed = ChatJson.Read(json);
        _ = parsed.Choice ?? throw new JsonException("The answer has no choice.");
        return new ChatCompletion(new ChatAnswer(parsed, json))
        {
            RequestedModel = Text(root, "requestedModel"),
            Provider = Text(root, "provider"),
            Cost = root.TryGetProperty("cost", out JsonElement cost) ? cost.GetDecimal() : null,
            CacheStatus = Enum.TryParse(Text(root, "cache"), out CacheStatus cache) ? cache : CacheStatus.None,
            RequestId = Text(root, "requestId"),
            SessionId = Text(root, "sessionId"),
            Latency = Milliseconds(root, "latencyMs") ?? TimeSpan.Zero,
            TimeToFirstToken = Milliseconds(root, "timeToFirstTokenMs"),
            FromJournal = true,
            Input = input,
        };
    }

    private static int Number(JsonElement root, string name) =>
        root.TryGetProperty(name, out JsonElement value) ? value.GetInt32() : 0;

    // Not TimeSpan.FromMilliseconds, which cuts off what the binary fraction lacks to the last tick, and on .NET Framework rounds to whole milliseconds.
    private static TimeSpan? Milliseconds(JsonElement root, string name) =>
        root.TryGetProperty(name, out JsonElement value) ? TimeSpan.FromTicks(checked((long)Math.Round(value.GetDouble() * TimeSpan.TicksPerMillisecond))) : null;

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static void WriteHead(Utf8JsonWriter writer, string state, JournalKey key, DateTimeOffset at)
    {
        writer.WriteString("state", state);
        writer.WriteString("key", key.Fingerprint);
        if (key.Occurrence > 0)
        {
            writer.WriteNumber("occurrence", key.Occurrence);
        }

        writer.WriteString("at", at);
    }

    private static byte[] Line(Action<Utf8JsonWriter> write)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter writer = new(bytes, s_options))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        bytes.WriteByte((byte)'\n');
        return bytes.ToArray();
    }
}
