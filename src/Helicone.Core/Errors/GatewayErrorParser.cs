using System;
using System.Collections.Generic;
using System.Security;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Helicone.Http;

namespace Helicone.Errors;

/// <summary>Reads every shape of error body that the gateway, the REST API, a proxy, or a provider answers with.</summary>
/// <remarks>The content type is not looked at, since the gateway sends its JSON envelope as text/plain.</remarks>
internal static class GatewayErrorParser
{
    private static readonly TimeSpan s_matchTimeout = TimeSpan.FromSeconds(1);

    private static readonly Regex s_markup = new("<[^>]{0,500}>", RegexOptions.CultureInvariant, s_matchTimeout);
    private static readonly Regex s_spaces = new("\\s+", RegexOptions.CultureInvariant, s_matchTimeout);
    private static readonly JsonDocumentOptions s_json = new() { MaxDepth = 256 };

    /// <summary>Reads the body of a response that is not a success; text and web pages become a message.</summary>
    internal static GatewayError Parse(ReadOnlySpan<byte> body, SecureString? key)
    {
        GatewayError error = new();
        ReadOnlySpan<byte> content = ServerSentEvents.SkipByteOrderMark(body);
        if (TryFill(error, content, bareIsError: true))
        {
            return error;
        }

        string text = Encoding.UTF8.GetString(content.Slice(0, Math.Min(content.Length, 16 * 1024)).ToArray());
        bool html = text.TrimStart().StartsWith("<", StringComparison.Ordinal);
        string readable = Replace(s_spaces, html ? Replace(s_markup, text) : text).Trim();
        error.Message = html ? "a web page instead of Helicone's answer: " + ErrorText.Shorten(Redaction.Scrub(readable, key), 200) : readable;
        return error;
    }

    /// <summary>Reads JSON that has an <c>error</c>, in a stream's event or instead of an answer; <see langword="null"/> if it has none.</summary>
    internal static GatewayError? TryParse(ReadOnlySpan<byte> json)
    {
        GatewayError error = new();
        return TryFill(error, ServerSentEvents.SkipByteOrderMark(json), bareIsError: false) ? error : null;
    }

    /// <summary>Reads a list of attempts at providers; anything else results in an empty list.</summary>
    internal static List<UpstreamAttempt> ParseAttempts(string json)
    {
        List<UpstreamAttempt> attempts = [];
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, s_json);
            if (document.RootElement.ValueKind == JsonValueKind.Array)
            {
                AddAttempts(attempts, document.RootElement);
            }
        }
        catch (JsonException)
        {
            // Not the local gateway's. The answer is good all the same.
        }

        return attempts;
    }

    // JSON of any other kind is an error too, if the status is an error.
    private static bool TryFill(GatewayError error, ReadOnlySpan<byte> json, bool bareIsError)
    {
        // What begins with a digit is "404 page not found", not a number.
        int start = 0;
        while (start < json.Length && json[start] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
        {
            start++;
        }

        if (start == json.Length || json[start] is not ((byte)'{' or (byte)'[' or (byte)'"'))
        {
            return false;
        }

        try
        {
            // By way of a string, so that bytes which are not UTF-8 cost a character and not the error.
            using JsonDocument document = JsonDocument.Parse(Encoding.UTF8.GetString(json.Slice(start).ToArray()), s_json);
            if (!bareIsError && !IsError(document.RootElement))
            {
                return false;
            }

            Fill(error, document.RootElement);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool IsError(JsonElement root) =>
        root.ValueKind == JsonValueKind.Object
        && root.TryGetProperty("error", out JsonElement error)
        && error.ValueKind is JsonValueKind.Object or JsonValueKind.String;

    private static string Replace(Regex pattern, string text)
    {
        try
        {
            return pattern.Replace(text, " ");
        }
        catch (RegexMatchTimeoutException)
        {
            return text;
        }
    }

    private static void Fill(GatewayError error, JsonElement root)
    {
        if (root.ValueKind == JsonValueKind.String)
        {
            error.Message = String(root);
            return;
        }

        if (root.ValueKind == JsonValueKind.Array)
        {
            // Google wraps its errors in a list of one.
            if (root.GetArrayLength() > 0)
            {
                Fill(error, root[0]);
            }

            return;
        }

        if (root.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        if (root.TryGetProperty("error", out JsonElement inner) && inner.ValueKind == JsonValueKind.String)
        {
            error.Message = String(inner);
        }
        else if (inner.ValueKind == JsonValueKind.Object)
        {
            error.Message = Text(inner, "message");
            error.Code = Text(inner, "code");
            error.Type = Text(inner, "type");
            error.Status = inner.TryGetProperty("code", out JsonElement code) && code.ValueKind == JsonValueKind.Number && code.TryGetInt32(out int number) && number is >= 400 and < 600
                ? number
                : null;
            if (inner.TryGetProperty("details", out JsonElement details) && details.ValueKind == JsonValueKind.Array)
            {
                AddAttempts(error.Upstream, details);
            }
            else if (details.ValueKind == JsonValueKind.String && error.Message is not null)
            {
                error.Message += " " + String(details);
            }
        }

        // The worker's own exceptions, direct proxies, and what other servers in between like to answer.
        error.Message ??= Text(root, "helicone-message") is { } helicone
            ? helicone + (Text(root, "helicone-error") is { } cause ? ": " + cause : string.Empty)
            : Text(root, "message") ?? Text(root, "detail") ?? Text(root, "error_description");
        error.Type ??= Text(root, "trace");
    }

    private static void AddAttempts(List<UpstreamAttempt> upstream, JsonElement details)
    {
        foreach (JsonElement detail in details.EnumerateArray())
        {
            if (detail.ValueKind == JsonValueKind.Object && (detail.TryGetProperty("statusCode", out _) || detail.TryGetProperty("source", out _)))
            {
                upstream.Add(new UpstreamAttempt(
                    Text(detail, "source"),
                    detail.TryGetProperty("statusCode", out JsonElement status) && status.ValueKind == JsonValueKind.Number && status.TryGetInt32(out int value) ? value : null,
                    Text(detail, "type"),
                    Text(detail, "message")));
            }
        }
    }

    private static string? Text(JsonElement parent, string name)
    {
        if (!parent.TryGetProperty(name, out JsonElement value))
        {
            return null;
        }

        return value.ValueKind switch
        {
            JsonValueKind.String => String(value) is { Length: > 0 } text ? text : null,
            JsonValueKind.Null or JsonValueKind.Undefined => null,
            _ => value.GetRawText(),
        };
    }

    // Half of a surrogate pair, written as an escape, is text that .NET refuses to read.
    private static string? String(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return value.GetRawText();
        }
    }
}
