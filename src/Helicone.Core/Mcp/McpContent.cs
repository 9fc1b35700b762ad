using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.Json;
using Helicone.Chat;
using Helicone.Serialization;

namespace Helicone.Mcp;

/// <summary>Content blocks of MCP as content parts of a message. A block of an unknown kind becomes its JSON as text.</summary>
internal static class McpContent
{
    /// <summary>The parts of an array of blocks, or of one block.</summary>
    internal static List<ContentPart> Read(JsonElement content) => content.ValueKind switch
    {
        JsonValueKind.Array => content.EnumerateArray().SelectMany(Block).ToList(),
        JsonValueKind.Object => Block(content).ToList(),
        JsonValueKind.String => [ContentPart.FromText(JsonText.StringOf(content)!)],
        _ => [],
    };

    /// <summary>The parts of a resource's contents: <c>{ uri, mimeType, text }</c> or <c>{ uri, mimeType, blob }</c>.</summary>
    internal static IEnumerable<ContentPart> Resource(JsonElement resource)
    {
        string uri = JsonText.StringOf(resource, "uri") ?? "resource";
        if (JsonText.StringOf(resource, "text") is { } text)
        {
            return [ContentPart.FromText(text)];
        }

        return JsonText.StringOf(resource, "blob") is { } blob ? [Binary(blob, JsonText.StringOf(resource, "mimeType"), uri)] : [ContentPart.FromText(resource.GetRawText())];
    }

    private static IEnumerable<ContentPart> Block(JsonElement block)
    {
        switch (JsonText.StringOf(block, "type"))
        {
            case "text":
                return [ContentPart.FromText(JsonText.StringOf(block, "text") ?? string.Empty)];
            case "image" or "audio" when JsonText.StringOf(block, "data") is { } data:
                return [Binary(data, JsonText.StringOf(block, "mimeType"), "data")];
            case "resource" when block.TryGetProperty("resource", out JsonElement resource) && resource.ValueKind == JsonValueKind.Object:
                return Resource(resource);
            case "resource_link":
                return [ContentPart.FromText($"{JsonText.StringOf(block, "name")}: {JsonText.StringOf(block, "uri")}")];
            default:
                return [ContentPart.FromText(block.GetRawText())];
        }
    }

    private static ContentPart Binary(string base64, string? mediaType, string uri)
    {
        byte[] bytes;
        try
        {
            bytes = Convert.FromBase64String(base64);
        }
        catch (FormatException)
        {
            return ContentPart.FromText($"[{mediaType ?? "data"} that isn't valid base64]");
        }

        string name = uri.Substring(uri.LastIndexOfAny(['/', '\\']) + 1) is { Length: > 0 } last ? last : "data";
        switch (mediaType?.Split(';')[0].Trim().ToLowerInvariant())
        {
            case { } image when image.StartsWith("image/", StringComparison.Ordinal):
                return ContentPart.FromImageBytes(bytes, image);
            case "audio/wav" or "audio/x-wav" or "audio/wave":
                return ContentPart.FromAudio(bytes, "wav");
            case "audio/mpeg" or "audio/mp3":
                return ContentPart.FromAudio(bytes, "mp3");
            case { } text when text.StartsWith("text/", StringComparison.Ordinal) || text is "application/json" or "application/xml":
                return ContentPart.FromText(Encoding.UTF8.GetString(bytes));
            case { } other:
                return ContentPart.FromFile(bytes, name, other);
        }

        try
        {
            return ContentFile.FromBytes(bytes, name);
        }
        catch (FormatException)
        {
            return ContentPart.FromFile(bytes, name, "application/octet-stream");
        }
    }
}
