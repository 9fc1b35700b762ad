using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Text.Json;
using Helicone.Chat;

namespace Helicone.Offline.Recordings;

/// <summary>A line of a recording: one call and its answer, as JSON that a person can read.</summary>
internal static class RecordingLine
{
    /// <summary>How a line begins.</summary>
    public const string Start = "{\"recording\":1,";

    private const int Version = 1;
    private const int MostHeaders = 40;
    private const int LongestHeader = 2048;

    // What the client reads. Cookies, dates, and the like are nobody's answer.
    private static readonly string[] s_headers = ["content-type", "retry-after", "retry-after-ms", "x-should-retry", "x-request-id"];

    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Writes a line, without its line feed.</summary>
    public static byte[] Write(RecordedCall call, RecordingMask mask) => OfflineJson.Utf8(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("recording"u8, Version);
        json.WriteString("key"u8, ChatCall.Fingerprint(call.Request, call.CacheSeed, gateway: null));
        json.WriteString("at"u8, call.At.UtcDateTime);
        json.WritePropertyName("request"u8);
        json.WriteRawValue(mask.Mask(Encoding.UTF8.GetString(call.Request.Span)), skipInputValidation: true);
        if (call.CacheSeed is { } seed)
        {
            json.WriteString("cacheSeed"u8, mask.Mask(seed));
        }

        json.WriteNumber("status"u8, call.StatusCode);
        json.WriteStartObject("headers"u8);
        foreach (KeyValuePair<string, string> header in call.Headers.Where(static header => IsKept(header.Key)).Take(MostHeaders))
        {
            string value = mask.Mask(header.Value);
            json.WriteString(header.Key, value.Length > LongestHeader ? value.Substring(0, LongestHeader) : value);
        }

        json.WriteEndObject();
        if (call.Cost is { } cost)
        {
            json.WriteNumber("cost"u8, cost);
        }

        WriteAnswer(json, call.Answer, mask);
        json.WriteEndObject();
    });

    /// <summary>Reads a line.</summary>
    /// <exception cref="FormatException">It isn't one.</exception>
    public static (string Key, RecordedAnswer Answer) Read(ReadOnlyMemory<byte> line, int number)
    {
        JsonElement root;
        try
        {
            using JsonDocument document = JsonDocument.Parse(line, OfflineJson.DocumentOptions);
            root = document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw new FormatException(e.Message.Split([" LineNumber:"], 2, StringSplitOptions.None)[0], e);
        }

        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("recording", out JsonElement version) || version.ValueKind != JsonValueKind.Number)
        {
            throw new FormatException("It is not a line of a recording.");
        }

        if (!version.TryGetInt32(out int known) || known != Version)
        {
            throw new FormatException($"Its version is {version.GetRawText()}, and this module reads version {Version}.");
        }

        string key = Member(root, "key", JsonValueKind.String).GetString()!;
        JsonElement request = Member(root, "request", JsonValueKind.Object);
        JsonElement status = Member(root, "status", JsonValueKind.Number);
        if (!status.TryGetInt32(out int code) || code is < 200 or > 599)
        {
            throw new FormatException($"'status' is {status.GetRawText()}, which is not a status of an answer.");
        }

        List<KeyValuePair<string, string>> headers = [];
        foreach (JsonProperty header in Member(root, "headers", JsonValueKind.Object).EnumerateObject())
        {
            string value = header.Value.ValueKind == JsonValueKind.String ? header.Value.GetString()! : throw new FormatException($"The header '{header.Name}' is not a text.");
            if (header.Name.Length == 0 || !header.Name.All(static c => c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '-' or '_') || value.Any(char.IsControl))
            {
                throw new FormatException($"The header '{header.Name}' and its value can't be a header of an answer.");
            }

            headers.Add(new KeyValuePair<string, string>(header.Name, value));
        }

        decimal? cost = null;
        if (root.TryGetProperty("cost", out JsonElement price) && price.ValueKind != JsonValueKind.Null)
        {
            cost = price.ValueKind == JsonValueKind.Number && price.TryGetDecimal(out decimal dollars) && dollars >= 0 ? dollars : throw new FormatException($"'cost' is {price.GetRawText()}, which is not a cost.");
        }

        DateTimeOffset? at = root.TryGetProperty("at", out JsonElement time) && time.ValueKind == JsonValueKind.String && time.TryGetDateTimeOffset(out DateTimeOffset recorded) ? recorded : null;
        return (key, new RecordedAnswer(number, request, at, code, headers, Pieces(root), cost));
    }

    private static void WriteAnswer(Utf8JsonWriter json, ReadOnlyMemory<byte> answer, RecordingMask mask)
    {
        string text;
        try
        {
            text = s_strict.GetString(answer.Span);
        }
        catch (ArgumentException)
        {
            // Not UTF-8: text for a reader doesn't exist. Masked as Latin-1, in which every byte is a character.
            Encoding bytes = Encoding.GetEncoding("iso-8859-1");
            json.WriteBase64String("bytes"u8, bytes.GetBytes(mask.Mask(bytes.GetString(answer.Span)).Replace('…', '.')));
            return;
        }

        string[] events = Events(text);
        if (events.Length == 0)
        {
            json.WriteString("body"u8, mask.Mask(text));
            return;
        }

        json.WriteStartArray("events"u8);
        foreach (string item in mask.MaskEvents(events))
        {
            json.WriteStringValue(item);
        }

        json.WriteEndArray();
    }

    /// <summary>The events of a stream, each with the blank line that ends it; none for a document.</summary>
    private static string[] Events(string text)
    {
        if (text.Length == 0 || text[0] is '{' or '[' or '<')
        {
            return [];
        }

        List<string> events = [];
        int start = 0;
        for (int end = text.IndexOf("\n\n", StringComparison.Ordinal); end >= 0; end = text.IndexOf("\n\n", start, StringComparison.Ordinal))
        {
            events.Add(text.Substring(start, end + 2 - start));
            start = end + 2;
        }

        if (start < text.Length)
        {
            events.Add(text.Substring(start));
        }

        return [.. events];
    }

    private static IReadOnlyList<byte[]> Pieces(JsonElement root)
    {
        if (root.TryGetProperty("events", out JsonElement events) && events.ValueKind == JsonValueKind.Array)
        {
            return [.. events.EnumerateArray().Select(static item => item.ValueKind == JsonValueKind.String ? Encoding.UTF8.GetBytes(item.GetString()!) : throw new FormatException("An event is not a text."))];
        }

        if (root.TryGetProperty("bytes", out JsonElement bytes) && bytes.ValueKind == JsonValueKind.String)
        {
            return bytes.TryGetBytesFromBase64(out byte[]? value) ? [value] : throw new FormatException("'bytes' is not Base64.");
        }

        return [Encoding.UTF8.GetBytes(Member(root, "body", JsonValueKind.String).GetString()!)];
    }

    private static JsonElement Member(JsonElement root, string name, JsonValueKind kind) =>
        root.TryGetProperty(name, out JsonElement member) && member.ValueKind == kind ? member : throw new FormatException($"It has no '{name}', or one of another kind.");

    private static bool IsKept(string header)
    {
        string name = header.ToLower(CultureInfo.InvariantCulture);
        return s_headers.Contains(name) || name.StartsWith("helicone-", StringComparison.Ordinal) || name.StartsWith("x-ratelimit-", StringComparison.Ordinal);
    }
}
