using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json;
using Helicone.Offline.Schemas;

namespace Helicone.Offline;

/// <summary>The answers that nobody scripted: the same question always gets the same one, in the form that was asked for.</summary>
internal static class OfflineReplies
{
    /// <summary>How every text begins, so that nobody takes it for a model's.</summary>
    public const string Marker = "[offline]";

    private const int MostHeardLength = 240;

    public static OfflineReply For(OfflineRequest request, OfflineOrigin origin)
    {
        OfflineReply reply = FindWantedTool(request.Body) is { } tool
            ? new OfflineReply { ToolCalls = [Call(tool)], FinishReason = "tool_calls" }
            : new OfflineReply { Content = Cut(Text(request, origin), StopsOf(request.Body)) };
        return Limit(reply, request.MaxTokens);
    }

    private static string Text(OfflineRequest request, OfflineOrigin origin)
    {
        if (request.Body.TryGetProperty("response_format", out JsonElement format) && format.ValueKind == JsonValueKind.Object &&
            format.TryGetProperty("type", out JsonElement type) && type.ValueKind == JsonValueKind.String)
        {
            if (type.ValueEquals("json_schema"u8) && format.TryGetProperty("json_schema", out JsonElement named) &&
                named.ValueKind == JsonValueKind.Object && named.TryGetProperty("schema", out JsonElement schema))
            {
                return Sample(schema);
            }

            if (type.ValueEquals("json_object"u8) || type.ValueEquals("json_schema"u8))
            {
                return JsonText(request);
            }
        }

        string messages = request.Messages.Count == 1 ? "1 message" : request.Messages.Count.ToString(CultureInfo.InvariantCulture) + " messages";
        return $"{Marker} {request.Model} heard: \"{Shorten(request.HeardStart)}\" " +
            $"No model ran and nothing was spent: this is {origin.Name} answer to {messages}. {origin.Advice}";
    }

    private static string JsonText(OfflineRequest request) => OfflineJson.Text(json =>
    {
        json.WriteStartObject();
        json.WriteBoolean("offline", true);
        json.WriteString("model", request.Model);
        json.WriteString("heard", Shorten(request.HeardStart));
        json.WriteEndObject();
    });

    /// <summary>The function that must be called: the named one, or the first when any will do.</summary>
    private static JsonElement? FindWantedTool(JsonElement body)
    {
        if (!body.TryGetProperty("tool_choice", out JsonElement choice) || !body.TryGetProperty("tools", out JsonElement tools) || tools.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        IEnumerable<JsonElement> functions = tools.EnumerateArray()
            .Where(t => t.ValueKind == JsonValueKind.Object && t.TryGetProperty("function", out JsonElement f) &&
                f.ValueKind == JsonValueKind.Object && NameOf(f) is not null)
            .Select(t => t.GetProperty("function"));
        if (choice.ValueKind == JsonValueKind.String)
        {
            return choice.ValueEquals("required"u8) ? functions.Cast<JsonElement?>().FirstOrDefault() : null;
        }

        return choice.ValueKind == JsonValueKind.Object && choice.TryGetProperty("function", out JsonElement wanted) && wanted.ValueKind == JsonValueKind.Object
            ? functions.Where(f => NameOf(f) == NameOf(wanted)).Cast<JsonElement?>().FirstOrDefault()
            : null;
    }

    private static OfflineToolCall Call(JsonElement function) =>
        new(NameOf(function)!, function.TryGetProperty("parameters", out JsonElement schema) ? Sample(schema) : "{}");

    private static string Sample(JsonElement schema)
    {
        // In the module, JsonSchema.Net is in a folder of its own.
        OptionalAssemblies.Load(OptionalAssemblies.Schemas);
        return SchemaSample.Create(schema);
    }

    private static string? NameOf(JsonElement function) =>
        function.TryGetProperty("name", out JsonElement name) && name.ValueKind == JsonValueKind.String ? name.GetString() : null;

    private static string[] StopsOf(JsonElement body)
    {
        if (!body.TryGetProperty("stop", out JsonElement stop))
        {
            return [];
        }

        IEnumerable<JsonElement> stops = stop.ValueKind == JsonValueKind.Array ? stop.EnumerateArray() : [stop];
        return stops.Where(s => s.ValueKind == JsonValueKind.String).Select(s => s.GetString()!).Where(s => s.Length > 0).ToArray();
    }

    private static string Cut(string text, string[] stops)
    {
        foreach (string stop in stops)
        {
            int index = text.IndexOf(stop, StringComparison.Ordinal);
            text = index < 0 ? text : text[..index];
        }

        return text;
    }

    private static OfflineReply Limit(OfflineReply reply, int maxTokens)
    {
        if (reply.ToolCalls.Count > 0 || OfflineTokens.Count(reply.Content) <= maxTokens)
        {
            return reply;
        }

        return reply with { Content = string.Concat(OfflineTokens.Split(reply.Content).Take(maxTokens)), FinishReason = "length" };
    }

    private static string Shorten(string text) =>
        text.Length <= MostHeardLength ? text : text[..(char.IsHighSurrogate(text[MostHeardLength - 1]) ? MostHeardLength - 1 : MostHeardLength)] + "…";
}
