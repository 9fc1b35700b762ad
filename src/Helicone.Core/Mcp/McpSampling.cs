using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using Helicone.Chat;
using Helicone.Serialization;

namespace Helicone.Mcp;

/// <summary>Requests of a server to a model, from and to JSON.</summary>
internal static class McpSampling
{
    private const int MaxTokens = 4_096;
    private const int MaxMessages = 100;

    /// <summary>Reads the parameters of <c>sampling/createMessage</c>.</summary>
    /// <exception cref="McpException">They ask for something that isn't supported.</exception>
    internal static ChatRequest Read(JsonElement parameters)
    {
        if (parameters.TryGetProperty("tools", out JsonElement tools) && tools.ValueKind == JsonValueKind.Array && tools.GetArrayLength() > 0)
        {
            throw new McpException(McpErrorKind.Refused, "Sampling with tools is not supported.");
        }

        List<ChatMessage> messages = [];
        if (JsonText.StringOf(parameters, "systemPrompt") is { Length: > 0 } system)
        {
            messages.Add(new ChatMessage("system", system));
        }

        if (parameters.TryGetProperty("messages", out JsonElement list) && list.ValueKind == JsonValueKind.Array)
        {
            if (list.GetArrayLength() > MaxMessages)
            {
                throw new McpException(McpErrorKind.Refused, $"A sampling request may have at most {MaxMessages} messages.");
            }

            foreach (JsonElement message in list.EnumerateArray())
            {
                string role = JsonText.StringOf(message, "role") == "assistant" ? "assistant" : "user";
                if (message.TryGetProperty("content", out JsonElement content) && McpContent.Read(content) is { Count: > 0 } parts)
                {
                    messages.Add(parts.TrueForAll(static part => part.Kind == ContentPartKind.Text) ? new ChatMessage(role, string.Join("\n", parts)) : new ChatMessage(role, parts));
                }
            }
        }

        if (!messages.Exists(static message => message.Role == "user"))
        {
            throw new McpException(McpErrorKind.Refused, "The sampling request has no user message.");
        }

        int limit = parameters.TryGetProperty("maxTokens", out JsonElement tokens) && tokens.ValueKind == JsonValueKind.Number && tokens.TryGetInt32(out int wanted) && wanted > 0 ? wanted : MaxTokens;
        return new ChatRequest(messages)
        {
            MaxTokens = Math.Min(limit, MaxTokens),
            Temperature = parameters.TryGetProperty("temperature", out JsonElement temperature) && temperature.ValueKind == JsonValueKind.Number ? Math.Max(0, Math.Min(2, temperature.GetDouble())) : null,
            Stop = parameters.TryGetProperty("stopSequences", out JsonElement stop) && stop.ValueKind == JsonValueKind.Array && stop.GetArrayLength() is > 0 and <= 4
                ? stop.EnumerateArray().Select(static item => JsonText.StringOf(item) ?? string.Empty).Where(static item => item.Length > 0).ToArray()
                : null,
        };
    }

    /// <summary>The result of <c>sampling/createMessage</c>.</summary>
    internal static string Write(ChatCompletion answer) => JsonText.Object(writer =>
    {
        writer.WriteString("role", "assistant");
        writer.WriteStartObject("content");
        writer.WriteString("type", "text");
        writer.WriteString("text", answer.Content);
        writer.WriteEndObject();
        writer.WriteString("model", answer.Model ?? answer.RequestedModel ?? "unknown");
        writer.WriteString("stopReason", answer.FinishReason switch { "length" => "maxTokens", "stop" => "endTurn", { } other => other, _ => "endTurn" });
    });
}
