using System;
using System.IO;
using System.Net.Http;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;

namespace Helicone.LocalGateway.Providers;

/// <summary>Finds the sentence in a provider's refusal.</summary>
internal static class UpstreamError
{
    private const int MostBytes = 256 * 1024;

    /// <summary>The provider's <c>error.message</c>, or what comes nearest; else Helicone's words for a refusal without any.</summary>
    public static async ValueTask<string> ReadMessageAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            byte[] body = await ReadStartAsync(response, cancellationToken);
            using JsonDocument document = JsonDocument.Parse(body, GatewayJson.DocumentOptions);
            if (FindMessage(document.RootElement) is { Length: > 0 } message)
            {
                return message;
            }
        }
        catch (Exception e) when (e is JsonException or IOException or HttpRequestException or InvalidOperationException)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }

        return $"Request failed with status {(int)response.StatusCode}";
    }

    private static string? FindMessage(JsonElement root)
    {
        // Google's compatible endpoint wraps its error in an array of one.
        if (root.ValueKind == JsonValueKind.Array && root.GetArrayLength() > 0)
        {
            root = root[0];
        }

        if (root.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        if (root.TryGetProperty("error", out JsonElement error))
        {
            if (error.ValueKind == JsonValueKind.String)
            {
                return error.GetString();
            }

            root = error.ValueKind == JsonValueKind.Object ? error : root;
        }

        return root.TryGetProperty("message", out JsonElement message) && message.ValueKind == JsonValueKind.String ? message.GetString() : null;
    }

    private static async ValueTask<byte[]> ReadStartAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken);
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
