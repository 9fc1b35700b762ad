using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Encodings.Web;
using System.Text.Json;
using Helicone.Serialization;
using Helicone.Tools;

namespace Helicone.Chat;

/// <summary>A request as the bytes that go on the wire.</summary>
internal static class ChatRequestWriter
{
    // The body is JSON and never part of a page, so only what JSON itself asks for is escaped.
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <exception cref="ArgumentException">The request has no messages, or a value can't be written as JSON.</exception>
    internal static ArraySegment<byte> Write(ChatRequest request, ModelRoute route, bool stream)
    {
        if (!request.HasMessages && request.Body?.ContainsKey("messages") != true && request.Body?.ContainsKey("prompt_id") != true)
        {
            throw new ArgumentException("The request has no messages.", nameof(request));
        }

        MemoryStream bytes = new(512);
        using (Utf8JsonWriter writer = new(bytes, s_options))
        {
            writer.WriteStartObject();
            Write(writer, request, route, stream);
            writer.WriteEndObject();
        }

        return new ArraySegment<byte>(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    private static void Write(Utf8JsonWriter writer, ChatRequest request, ModelRoute route, bool stream)
    {
        IReadOnlyDictionary<string, object?>? body = request.Body;
        bool Own(string name) => body is null || !body.ContainsKey(name);

        bool named = Own("model") || body!["model"] is string;
        if (named)
        {
            writer.WriteString("model", route.ToString());
        }

        if (Own("messages") && request.HasMessages)
        {
            writer.WriteStartArray("messages");
            foreach (ChatMessage message in request.Conversation?.Messages ?? [])
            {
                message.WriteTo(writer);
            }

            for (int i = 0; i < request.Messages.Count; i++)
            {
                (request.Messages[i] ?? throw new ArgumentException($"Message[{i}] is null.", nameof(request))).WriteTo(writer);
            }

            writer.WriteEndArray();
        }

        if (request.Temperature is { } temperature && Own("temperature"))
        {
            WriteNumber(writer, "temperature", temperature);
        }

        if (request.TopP is { } topP && Own("top_p"))
        {
            WriteNumber(writer, "top_p", topP);
        }

        string maxTokens = TakesCompletionTokens(route) ? "max_completion_tokens" : "max_tokens";
        if (request.MaxTokens is { } max && Own("max_tokens") && Own("max_completion_tokens"))
        {
            writer.WriteNumber(maxTokens, max);
        }

        if (request.Stop is { Count: > 0 } stop && Own("stop"))
        {
            writer.WriteStartArray("stop");
            foreach (string text in stop)
            {
                writer.WriteStringValue(text);
            }

            writer.WriteEndArray();
        }

        if (request.Seed is { } seed && Own("seed"))
        {
            writer.WriteNumber("seed", seed);
        }

        if (request.ReasoningEffort is { } effort && Own("reasoning_effort"))
        {
            writer.WriteString("reasoning_effort", effort);
        }

        if ((request.Shape?.ResponseFormat(request.ShapeForm) ?? request.ResponseFormat) is { } format && Own("response_format"))
        {
            writer.WritePropertyName("response_format");
            PlainJson.Write(writer, format is string type ? new Dictionary<string, object?> { ["type"] = type } : format, "ResponseFormat");
        }

        WriteTools(writer, request, Own);
        if (stream)
        {
            writer.WriteBoolean("stream", true);
            if (Own("stream_options"))
            {
                // Without it many providers leave the usage, and with it the cost, out of a stream.
                writer.WriteStartObject("stream_options");
                writer.WriteBoolean("include_usage", true);
                writer.WriteEndObject();
            }
        }

        if (body is not null)
        {
            foreach (KeyValuePair<string, object?> field in DictionaryOrder.Fields(body))
            {
                if (field.Key == "stream" || (field.Key == "model" && named))
                {
                    // Decided by the method that was called: the answer is read that way. The model is the route, and written above.
                    continue;
                }

                writer.WritePropertyName(field.Key);
                PlainJson.Write(writer, field.Value, "Body." + field.Key);
            }
        }
    }

    private static void WriteTools(Utf8JsonWriter writer, ChatRequest request, Func<string, bool> own)
    {
        if (request.Tools is not { Count: > 0 } tools || !own("tools"))
        {
            return;
        }

        writer.WriteStartArray("tools");
        foreach (ToolDefinition tool in tools)
        {
            tool.WriteTo(writer);
        }

        writer.WriteEndArray();
        if (request.ToolChoice is not { } choice || !own("tool_choice"))
        {
            return;
        }

        if (choice is "auto" or "required" or "none")
        {
            writer.WriteString("tool_choice", choice);
            return;
        }

        writer.WriteStartObject("tool_choice");
        writer.WriteString("type", "function");
        writer.WriteStartObject("function");
        writer.WriteString("name", choice);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter writer, string name, double value)
    {
        if (double.IsNaN(value) || double.IsInfinity(value))
        {
            throw new ArgumentException($"'{name}' is {value}, which can't be written as JSON.", name);
        }

        writer.WriteNumber(name, value);
    }

    // OpenAI's reasoning models answer 400 to max_tokens; most other providers support nothing else.
    private static bool TakesCompletionTokens(ModelRoute route)
    {
        foreach (ModelCandidate candidate in route.Candidates)
        {
            string model = candidate.Model;
            bool reasoning = model.StartsWith("gpt-5", StringComparison.Ordinal)
                || (model.Length >= 2 && model[0] == 'o' && model[1] is >= '1' and <= '9' && (model.Length == 2 || model[2] == '-'));
            if (!reasoning)
            {
                return false;
            }
        }

        return true;
    }
}
