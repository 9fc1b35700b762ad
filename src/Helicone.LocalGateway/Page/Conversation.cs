using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Helicone.LocalGateway.Page;

/// <summary>Finds the turns in the bodies of a call: chat completions, the Responses API, Anthropic's messages, errors. Anything else has none.</summary>
internal static class Conversation
{
    private static readonly JsonSerializerOptions s_pretty = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 512 };

    /// <summary>The messages that were sent to the model.</summary>
    public static List<Message> OfRequest(ReadOnlyMemory<byte> body) => Read(body, root =>
    {
        List<Message> messages = [];
        AddText(messages, "system", root, "instructions");
        AddText(messages, "system", root, "system");
        foreach (JsonElement message in Items(root, "messages"))
        {
            messages.Add(OfMessage(message));
        }

        AddText(messages, "user", root, "input");
        AddText(messages, "user", root, "prompt");
        foreach (JsonElement item in Items(root, "input"))
        {
            messages.Add(OfItem(item));
        }

        return messages;
    });

    /// <summary>What came back.</summary>
    public static List<Message> OfAnswer(ReadOnlyMemory<byte> body) => Read(body, root =>
    {
        List<Message> messages = [];
        foreach (JsonElement choice in Items(root, "choices"))
        {
            Message message = choice.TryGetProperty("message", out JsonElement inner) && inner.ValueKind == JsonValueKind.Object ? OfMessage(inner) : new Message("assistant");
            message.FinishReason = String(choice, "finish_reason");
            if (String(choice, "text") is { } text)
            {
                message.Texts.Add(text);
            }

            messages.Add(message);
        }

        foreach (JsonElement item in Items(root, "output"))
        {
            messages.Add(OfItem(item));
        }

        if (messages.Count == 0 && root.TryGetProperty("content", out _))
        {
            Message message = OfMessage(root);
            message.FinishReason = String(root, "stop_reason");
            messages.Add(message);
        }

        if (root.TryGetProperty("error", out JsonElement error) && error.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined))
        {
            Message message = new("error") { IsError = true };
            message.Texts.Add(error.ValueKind switch
            {
                JsonValueKind.String => error.GetString()!,
                JsonValueKind.Object when String(error, "message") is { } text => text,
                _ => Pretty(error),
            });
            messages.Add(message);
        }

        return messages;
    });

    /// <summary>The last message of a person, for a list.</summary>
    public static string? LastPrompt(ReadOnlyMemory<byte> body) =>
        OfRequest(body).Where(m => m.Role == "user" && m.Texts.Count > 0).Select(m => string.Join(' ', m.Texts)).LastOrDefault();

    /// <summary>JSON with line breaks; any other text as it is.</summary>
    public static string Pretty(ReadOnlyMemory<byte> body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body, GatewayJson.DocumentOptions);
            return Pretty(document.RootElement);
        }
        catch (JsonException)
        {
            return Encoding.UTF8.GetString(body.Span);
        }
    }

    private static string Pretty(JsonElement json) => JsonSerializer.Serialize(json, s_pretty);

    private static List<Message> Read(ReadOnlyMemory<byte> body, Func<JsonElement, List<Message>> read)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body, GatewayJson.DocumentOptions);
            return document.RootElement.ValueKind == JsonValueKind.Object ? read(document.RootElement) : [];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // No JSON, or a string in it that is no text: the body itself is shown below all the same.
            return [];
        }
    }

    private static Message OfMessage(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            Message odd = new("unknown");
            odd.Texts.Add(Pretty(json));
            return odd;
        }

        Message message = new(String(json, "role") ?? "assistant") { Note = String(json, "name") ?? String(json, "tool_call_id") };
        foreach (string name in (ReadOnlySpan<string>)["reasoning", "reasoning_content"])
        {
            if (String(json, name) is { Length: > 0 } reasoning)
            {
                message.Reasoning.Add(reasoning);
                break;
            }
        }

        if (json.TryGetProperty("content", out JsonElement content))
        {
            AddContent(message, content);
        }

        if (String(json, "refusal") is { Length: > 0 } refusal)
        {
            message.Texts.Add(refusal);
        }

        foreach (JsonElement call in Items(json, "tool_calls"))
        {
            JsonElement function = call.ValueKind == JsonValueKind.Object && call.TryGetProperty("function", out JsonElement inner) ? inner : call;
            message.ToolCalls.Add((String(function, "name") ?? "?", Arguments(function, "arguments")));
        }

        return message;
    }

    /// <summary>An item of the Responses API.</summary>
    private static Message OfItem(JsonElement json)
    {
        switch (String(json, "type"))
        {
            case "function_call" or "custom_tool_call":
                Message call = new("assistant");
                call.ToolCalls.Add((String(json, "name") ?? "?", Arguments(json, "arguments")));
                return call;
            case "function_call_output" or "custom_tool_call_output":
                Message result = new("tool") { Note = String(json, "call_id") };
                result.Texts.Add(Arguments(json, "output"));
                return result;
            case "reasoning":
                Message thought = new("assistant");
                thought.Reasoning.AddRange(((IEnumerable<JsonElement>)Items(json, "summary")).Concat(Items(json, "content")).Select(s => String(s, "text") ?? Pretty(s)));
                return thought;
            default:
                return OfMessage(json);
        }
    }

    private static void AddContent(Message message, JsonElement content)
    {
        switch (content.ValueKind)
        {
            case JsonValueKind.String:
                message.Texts.Add(content.GetString()!);
                break;
            case JsonValueKind.Array:
                foreach (JsonElement part in content.EnumerateArray())
                {
                    AddPart(message, part);
                }

                break;
            case JsonValueKind.Null:
                break;
            default:
                message.Texts.Add(Pretty(content));
                break;
        }
    }

    private static void AddPart(Message message, JsonElement part)
    {
        switch (String(part, "type"))
        {
            case "thinking":
                message.Reasoning.Add(String(part, "thinking") ?? string.Empty);
                break;
            case "tool_use":
                message.ToolCalls.Add((String(part, "name") ?? "?", Arguments(part, "input")));
                break;
            case "image_url" or "input_image" or "image":
                message.Texts.Add($"[image: {Shown.Line(Image(part), 120)}]");
                break;
            case "input_audio" or "file" or "input_file" or "document":
                message.Texts.Add($"[{String(part, "type")}: {Shown.Bytes(part.GetRawText().Length)}]");
                break;
            default:
                message.Texts.Add(part.ValueKind == JsonValueKind.String ? part.GetString()! : String(part, "text") ?? String(part, "refusal") ?? Pretty(part));
                break;
        }
    }

    private static string Image(JsonElement part)
    {
        string? address = part.TryGetProperty("image_url", out JsonElement image) ? image.ValueKind == JsonValueKind.String ? image.GetString() : String(image, "url") : null;
        return address switch
        {
            null => Shown.Bytes(part.GetRawText().Length),
            _ when address.StartsWith("data:", StringComparison.OrdinalIgnoreCase) => $"{address.Split(';', ',')[0]["data:".Length..]}, {Shown.Bytes(address.Length)}",
            _ => address,
        };
    }

    private static void AddText(List<Message> messages, string role, JsonElement root, string name)
    {
        if (root.TryGetProperty(name, out JsonElement content) && (content.ValueKind == JsonValueKind.String || (name == "system" && content.ValueKind == JsonValueKind.Array)))
        {
            Message message = new(role);
            AddContent(message, content);
            messages.Add(message);
        }
    }

    /// <summary>Arguments are JSON within a string, or JSON.</summary>
    private static string Arguments(JsonElement json, string name)
    {
        if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty(name, out JsonElement value))
        {
            return string.Empty;
        }

        return value.ValueKind == JsonValueKind.String ? Pretty(Encoding.UTF8.GetBytes(value.GetString()!)) : Pretty(value);
    }

    private static JsonElement.ArrayEnumerator Items(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out JsonElement items) && items.ValueKind == JsonValueKind.Array ? items.EnumerateArray() : default;

    private static string? String(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
