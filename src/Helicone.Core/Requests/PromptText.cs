using System.Linq;
using System.Text.Json;

namespace Helicone.Requests;

/// <summary>Finds in a request's body what the user asked.</summary>
internal static class PromptText
{
    /// <summary>The text of the last user message; <see langword="null"/> when the body is not a chat, or has none.</summary>
    public static string? Read(string? requestBody)
    {
        if (requestBody is null)
        {
            return null;
        }

        try
        {
            using JsonDocument body = JsonDocument.Parse(requestBody);
            return body.RootElement.ValueKind == JsonValueKind.Object && body.RootElement.TryGetProperty("messages", out JsonElement messages) && messages.ValueKind == JsonValueKind.Array
                ? messages.EnumerateArray().Where(IsUser).Select(Text).LastOrDefault()
                : null;
        }
        catch (JsonException)
        {
            // A body that was cut off, or isn't JSON, is still in RequestBody.
            return null;
        }
    }

    private static bool IsUser(JsonElement message) => message.ValueKind == JsonValueKind.Object && RequestJson.Text(message, "role") == "user";

    private static string? Text(JsonElement message)
    {
        if (!message.TryGetProperty("content", out JsonElement content) || content.ValueKind != JsonValueKind.Array)
        {
            return RequestJson.Text(message, "content");
        }

        string text = string.Join("\n", content.EnumerateArray().Where(part => part.ValueKind == JsonValueKind.Object).Select(part => RequestJson.Text(part, "text")).Where(part => part is not null));
        return text.Length > 0 ? text : null;
    }
}
