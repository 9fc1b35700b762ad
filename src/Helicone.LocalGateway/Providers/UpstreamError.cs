using System;
using System.IO;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;

namespace Helicone.LocalGateway.Providers;

/// <summary>Finds the sentence in a provider's refusal.</summary>
internal static class UpstreamError
{
    private const int MostBytes = 256 * 1024;

    /// <summary>The provider's <c>error.message</c>, or what comes nearest; else Helicone's words for a refusal without any.</summary>
    public static async ValueTask<string> ReadMessageAsync(Stream body, int status, CancellationToken cancellationToken)
    {
        try
        {
            byte[] start = await ReadStartAsync(body, cancellationToken);
            using JsonDocument document = JsonDocument.Parse(start, GatewayJson.DocumentOptions);
            if (MessageOf(ErrorIn(document.RootElement)) is { Length: > 0 } message)
            {
                return message;
            }
        }
        catch (Exception e) when (e is JsonException or IOException or InvalidOperationException)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }

        return $"Request failed with status {status}";
    }

    /// <summary>The error of a body: its <c>error</c>, the one of its first choice, or the body itself.</summary>
    public static JsonElement ErrorIn(JsonElement root)
    {
        // Google's compatible endpoint wraps its error in an array of one.
        if (root.ValueKind == JsonValueKind.Array && root.GetArrayLength() > 0)
        {
            root = root[0];
        }

        if (root.ValueKind != JsonValueKind.Object)
        {
            return default;
        }

        if (root.TryGetProperty("error", out JsonElement error) && error.ValueKind is JsonValueKind.String or JsonValueKind.Object)
        {
            return error;
        }

        // OpenRouter's: a choice that broke off has the reason in it.
        return root.TryGetProperty("choices", out JsonElement choices) && choices.ValueKind == JsonValueKind.Array && choices.GetArrayLength() > 0 &&
            choices[0].ValueKind == JsonValueKind.Object && choices[0].TryGetProperty("error", out JsonElement broken)
            ? broken
            : root;
    }

    /// <summary>The text of an error.</summary>
    public static string? MessageOf(JsonElement error) => error.ValueKind switch
    {
        JsonValueKind.String => error.GetString(),
        JsonValueKind.Object when error.TryGetProperty("message", out JsonElement message) && message.ValueKind == JsonValueKind.String => message.GetString(),
        _ => null,
    };

    /// <summary>The status of an error inside a 200: its own status, or the status of its type.</summary>
    public static int StatusOf(JsonElement error)
    {
        if (error.ValueKind != JsonValueKind.Object)
        {
            return 502;
        }

        foreach (string name in (ReadOnlySpan<string>)["code", "status", "status_code"])
        {
            if (error.TryGetProperty(name, out JsonElement code) && code.ValueKind == JsonValueKind.Number && code.TryGetInt32(out int status) && status is >= 400 and <= 599)
            {
                return status;
            }
        }

        return (TextOf(error, "type") ?? TextOf(error, "code")) switch
        {
            "rate_limit_error" or "rate_limit_exceeded" => 429,
            "authentication_error" or "invalid_api_key" => 401,
            "permission_error" => 403,
            "not_found_error" => 404,
            "invalid_request_error" => 400,
            "overloaded_error" => 529,
            _ => 502,
        };
    }

    private static string? TextOf(JsonElement error, string name) =>
        error.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static async ValueTask<byte[]> ReadStartAsync(Stream body, CancellationToken cancellationToken)
    {
        using MemoryStream start = new();
        byte[] chunk = new byte[8192];
        int read;
        while (start.Length < MostBytes && (read = await body.ReadAsync(chunk, cancellationToken)) > 0)
        {
            start.Write(chunk, 0, read);
        }

        return start.ToArray();
    }
}
