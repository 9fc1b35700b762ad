using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;

namespace Helicone.Offline;

/// <summary>What the offline provider, or a script for it, sees of a call.</summary>
internal sealed class OfflineRequest
{
    // The message that carries the images of a tool result: the client's, and no turn of the user.
    private const string ToolAuthor = "tool_output";

    // What OpenAI's models add for each message and once for the answer.
    private const int TokensPerMessage = 3;
    private const int TokensOfPriming = 3;

    private readonly Func<string, string?> _header;
    private readonly ReadOnlyMemory<byte> _json;
    private readonly IReadOnlyList<(int Start, int Length)?> _texts;
    private readonly int _question;
    private string? _heard;

    private OfflineRequest(string id, string model, bool isStreaming, Func<string, string?> header, ReadOnlyMemory<byte> json, JsonElement body, JsonElement messages)
    {
        Id = id;
        _header = header;
        IsStreaming = isStreaming;
        Model = model;
        Body = body;
        Messages = [.. messages.EnumerateArray()];
        _json = json;
        _texts = MessageTexts.Find(json.Span);
        _question = Messages.Count - 1;
        while (_question >= 0 && !IsPrompt(Messages[_question]))
        {
            _question--;
        }

        Turn = Messages.Count(m => RoleOf(m) == "assistant") + 1;
        ToolResults = [.. Messages.Reverse().TakeWhile(m => RoleOf(m) == "tool" || IsOfTool(m)).Where(m => RoleOf(m) == "tool").Reverse().Select(TextOf)];
        PromptTokens = CountPromptTokens();
        MaxTokens = Number("max_completion_tokens") ?? Number("max_tokens") ?? int.MaxValue;
        Choices = Math.Min(Math.Max(Number("n") ?? 1, 1), 128);
    }

    /// <summary>The id of the call.</summary>
    public string Id { get; }

    /// <summary>The model as the route calls it.</summary>
    public string Model { get; }

    /// <summary>Whether a stream is wanted.</summary>
    public bool IsStreaming { get; }

    /// <summary>The whole body; only to be read while the reply is being made.</summary>
    public JsonElement Body { get; }

    public IReadOnlyList<JsonElement> Messages { get; }

    /// <summary>The text of the last message of the user; only to be read while the reply is being made.</summary>
    public string Heard => _heard ??= _question < 0 ? string.Empty : TextOf(Messages[_question]);

    /// <summary>The beginning of that text, some thousand characters of a long one; only to be read while the reply is being made.</summary>
    public string HeardStart => _question >= 0 && Escaped(_question) is { Length: > 0 } text ? OfflineText.StartOf(text.Span) : Heard;

    /// <summary>Which answer of the conversation it asks for: 1 for the first.</summary>
    public int Turn { get; }

    /// <summary>The results of tools at the end of the conversation, in their order; none when its last message is another.</summary>
    public IReadOnlyList<string> ToolResults { get; }

    public int PromptTokens { get; }

    /// <summary>How many tokens the answer may have.</summary>
    public int MaxTokens { get; }

    /// <summary>How many answers are wanted.</summary>
    public int Choices { get; }

    /// <summary>Reads a call.</summary>
    /// <param name="id">The id of the call.</param>
    /// <param name="model">The model as the route calls it.</param>
    /// <param name="isStreaming">Indicates whether a stream is wanted.</param>
    /// <param name="header">Finds the value of a header; <see langword="null"/> for one that the call doesn't have.</param>
    /// <param name="json">The body.</param>
    /// <param name="body">The same body, parsed.</param>
    /// <exception cref="FormatException">The body has no messages; the text says so the way Helicone's validator does.</exception>
    public static OfflineRequest Parse(string id, string model, bool isStreaming, Func<string, string?> header, ReadOnlyMemory<byte> json, JsonElement body)
    {
        if (!body.TryGetProperty("messages", out JsonElement messages) || messages.ValueKind != JsonValueKind.Array)
        {
            throw new FormatException("messages: Invalid input: expected array. See API reference: https://docs.helicone.ai/rest/ai-gateway/post-v1-chat-completions");
        }

        return new OfflineRequest(id, model, isStreaming, header, json, body, messages);
    }

    /// <summary>The text of a message, or of the text parts of one that has several.</summary>
    public static string TextOf(JsonElement message)
    {
        return ContentOf(message) switch
        {
            { ValueKind: JsonValueKind.String } text => text.GetString()!,
            { ValueKind: JsonValueKind.Array } parts => string.Join(" ", parts.EnumerateArray().Select(PartText).Where(t => t.Length > 0)),
            _ => string.Empty,
        };
    }

    private static JsonElement? ContentOf(JsonElement message) =>
        message.ValueKind == JsonValueKind.Object && message.TryGetProperty("content", out JsonElement content) ? content : null;

    /// <summary>The texts of the user, each with the number of answers that follow it, the last one first.</summary>
    public IEnumerable<(string Text, int Answers)> Prompts()
    {
        int answers = 0;
        for (int i = Messages.Count - 1; i >= 0; i--)
        {
            switch (RoleOf(Messages[i]))
            {
                case "assistant":
                    answers++;
                    break;
                case "user" when IsPrompt(Messages[i]):
                    yield return (TextOf(Messages[i]), answers);
                    break;
            }
        }
    }

    /// <summary>The names of the tools that are offered.</summary>
    public IEnumerable<string> ToolNames() => Body.TryGetProperty("tools", out JsonElement tools) && tools.ValueKind == JsonValueKind.Array
        ? tools.EnumerateArray()
            .Where(static tool => tool.ValueKind == JsonValueKind.Object)
            .Select(static tool => tool.TryGetProperty("function", out JsonElement function) && function.ValueKind == JsonValueKind.Object ? function : tool)
            .Where(static tool => tool.TryGetProperty("name", out JsonElement name) && name.ValueKind == JsonValueKind.String)
            .Select(static tool => tool.GetProperty("name").GetString()!)
        : [];

    /// <summary>The value of a header; <see langword="null"/> for one that the call doesn't have.</summary>
    public string? Header(string name) => _header(name);

    private static string PartText(JsonElement part) =>
        part.ValueKind == JsonValueKind.Object && part.TryGetProperty("text", out JsonElement text) && text.ValueKind == JsonValueKind.String
            ? text.GetString()!
            : string.Empty;

    private static string? RoleOf(JsonElement message) =>
        message.ValueKind == JsonValueKind.Object && message.TryGetProperty("role", out JsonElement role) && role.ValueKind == JsonValueKind.String
            ? role.GetString()
            : null;

    private static bool IsPrompt(JsonElement message) => RoleOf(message) == "user" && !IsOfTool(message);

    private static bool IsOfTool(JsonElement message) =>
        RoleOf(message) == "user" && message.TryGetProperty("name", out JsonElement name) && name.ValueKind == JsonValueKind.String && name.ValueEquals(ToolAuthor);

    /// <summary>The text of a message whose content is a string, with its escapes; <see langword="null"/> for any other.</summary>
    private ReadOnlyMemory<byte>? Escaped(int message) => _texts[message] is { } text ? _json.Slice(text.Start, text.Length) : null;

    private int? Number(string name) =>
        Body.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) ? number : null;

    private int CountPromptTokens()
    {
        int tokens = TokensOfPriming;
        for (int i = 0; i < Messages.Count; i++)
        {
            tokens += TokensPerMessage + 1 + (Escaped(i) is { } text ? OfflineText.CountTokens(text.Span) : OfflineTokens.Count(TextOf(Messages[i])));
        }

        // Tools are part of the prompt, and of its price.
        return Body.TryGetProperty("tools", out JsonElement tools) ? tokens + OfflineTokens.Count(tools.GetRawText()) : tokens;
    }
}
