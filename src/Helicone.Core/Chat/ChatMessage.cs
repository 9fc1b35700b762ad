using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.Json;
using Helicone.Serialization;

namespace Helicone.Chat;

/// <summary>One message of a conversation, in OpenAI's shape. Immutable.</summary>
/// <remarks>
/// A message from a server keeps its JSON, so that it can be sent back unchanged, including unknown fields:
/// Gemini's thought signatures, Anthropic's reasoning signatures and <c>cache_control</c>, OpenRouter's <c>reasoning_details</c>, and others.
/// </remarks>
public sealed class ChatMessage
{
    private const string ToolAuthor = "tool_output";

    private static readonly string[] s_roles = ["system", "developer", "user", "assistant", "tool", "function"];

    private readonly byte[]? _json;
    private readonly string? _content;
    private MessageParts? _parts;

    /// <summary>Creates a message with text.</summary>
    /// <param name="role"><c>system</c>, <c>developer</c>, <c>user</c>, <c>assistant</c>, <c>tool</c>, or <c>function</c>.</param>
    /// <param name="content">The text.</param>
    /// <exception cref="ArgumentException">The role is not one of these.</exception>
    public ChatMessage(string role, string? content)
    {
        Role = CheckRole(role);
        _content = content;
    }

    /// <summary>Creates a message with content parts.</summary>
    /// <param name="role"><c>system</c>, <c>developer</c>, <c>user</c>, <c>assistant</c>, <c>tool</c>, or <c>function</c>.</param>
    /// <param name="parts">The parts, at least one.</param>
    /// <exception cref="ArgumentException">The role is not one of these, or there are no parts.</exception>
    public ChatMessage(string role, IEnumerable<ContentPart> parts)
    {
        if (parts is null)
        {
            throw new ArgumentNullException(nameof(parts));
        }

        Role = CheckRole(role);
        List<ContentPart> content = [.. parts];
        if (content.Count == 0)
        {
            throw new ArgumentException($"A message with the role '{role}' has no content parts.", nameof(parts));
        }

        _json = JsonText.Utf8(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("role", Role);
            writer.WriteStartArray("content");
            foreach (ContentPart part in content)
            {
                writer.WriteRawValue(part.Json, skipInputValidation: true);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        });
    }

    private ChatMessage(string role, byte[] json)
    {
        Role = role;
        _json = json;
    }

    /// <summary>The author of the message.</summary>
    public string Role { get; }

    /// <summary>The text: the content, or the text parts of it joined. <see langword="null"/> when the message has no text.</summary>
    public string? Content => _json is null ? _content : Read().Text;

    /// <summary>The content as parts, followed by images and sound that a model sent outside of the content.</summary>
    public IReadOnlyList<ContentPart> Parts => Read().Parts;

    /// <summary>The tool calls of an assistant's message.</summary>
    public IReadOnlyList<ToolCall> ToolCalls => Read().ToolCalls;

    /// <summary>The id of the tool call that a <c>tool</c> message answers.</summary>
    public string? ToolCallId => Read().ToolCallId;

    /// <summary>The name of the author or of the tool, where the message has one.</summary>
    public string? Name => Read().Name;

    /// <summary>The text of the model's refusal.</summary>
    public string? Refusal => Read().Refusal;

    /// <summary>The text of the model's reasoning, where the provider shows it.</summary>
    public string? Reasoning => Read().Reasoning;

    /// <summary>The sources that the message cites.</summary>
    public IReadOnlyList<ChatAnnotation> Annotations => Read().Annotations;

    /// <summary>The message as JSON: exactly the JSON that a server sent, or that a request sends.</summary>
    public string Json => Encoding.UTF8.GetString(Utf8());

    /// <summary>Creates the message that answers a tool call.</summary>
    /// <param name="toolCallId">The id of the call.</param>
    /// <param name="content">The result, as text.</param>
    public static ChatMessage ToolResult(string toolCallId, string content)
    {
        if (toolCallId is null)
        {
            throw new ArgumentNullException(nameof(toolCallId));
        }

        return new ChatMessage("tool", JsonText.Utf8(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("role", "tool");
            writer.WriteString("tool_call_id", toolCallId);
            writer.WriteString("content", content ?? string.Empty);
            writer.WriteEndObject();
        }));
    }

    /// <summary>Creates the message that contains what tools returned in addition to text. It isn't a user turn.</summary>
    internal static ChatMessage ToolAttachments(IEnumerable<ContentPart> parts) => new("user", JsonText.Utf8(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("role", "user");
        writer.WriteString("name", ToolAuthor);
        writer.WriteStartArray("content");
        foreach (ContentPart part in parts)
        {
            writer.WriteRawValue(part.Json, skipInputValidation: true);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }));

    /// <summary>Indicates whether the message is a user turn.</summary>
    internal bool IsTurn => Role == "user" && (_json is null || Name != ToolAuthor);

    /// <summary>Reads a message from JSON and keeps the JSON.</summary>
    /// <exception cref="FormatException">The text is not a JSON object with a role and anything else.</exception>
    public static ChatMessage FromJson(string json)
    {
        if (json is null)
        {
            throw new ArgumentNullException(nameof(json));
        }

        return FromUtf8(Encoding.UTF8.GetBytes(json), role: null);
    }

    /// <summary>Creates a message from a dictionary with a <c>role</c> and any other field of OpenAI's message.</summary>
    /// <exception cref="ArgumentException">The role is missing, or the message has neither content nor any other field.</exception>
    public static ChatMessage FromDictionary(IDictionary fields)
    {
        if (fields is null)
        {
            throw new ArgumentNullException(nameof(fields));
        }

        string? role = null;
        object? content = null;
        Dictionary<string, object?> others = new(StringComparer.Ordinal);
        foreach (KeyValuePair<string, object?> entry in DictionaryOrder.Fields(fields))
        {
            // OpenAI's names are lowercase; a hashtable's keys are whatever was typed.
            string name = entry.Key.ToLowerInvariant();
            switch (name)
            {
                case "role":
                    role = entry.Value?.ToString();
                    break;
                case "content":
                    content = entry.Value;
                    break;
                default:
                    others[name] = entry.Value;
                    break;
            }
        }

        if (role is null)
        {
            throw new ArgumentException("A message has no role. A message has a role and content, such as 'user' and 'Hello'.", nameof(fields));
        }

        if (content is null && others.Count == 0)
        {
            throw new ArgumentException($"A message with the role '{role}' has no content. A message has a role and content, such as 'user' and 'Hello'.", nameof(fields));
        }

        if (content is string text && others.Count == 0)
        {
            return new ChatMessage(role, text);
        }

        role = CheckRole(role);
        return new ChatMessage(role, JsonText.Utf8(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("role", role);
            writer.WritePropertyName("content");
            PlainJson.Write(writer, content, "Message.content");
            foreach (KeyValuePair<string, object?> field in others)
            {
                writer.WritePropertyName(field.Key);
                PlainJson.Write(writer, field.Value, "Message." + field.Key);
            }

            writer.WriteEndObject();
        }));
    }

    /// <summary>The role and the text, or what the message holds instead.</summary>
    public override string ToString() => $"{Role}: {Content ?? string.Join(", ", (IEnumerable<object>)(ToolCalls.Count > 0 ? ToolCalls : Parts))}";

    /// <summary>A message that a server sent. A message without a role is the assistant's.</summary>
    /// <exception cref="JsonException">The bytes are not a JSON object.</exception>
    internal static ChatMessage FromAnswer(byte[] json, string? role) => new(role ?? "assistant", json);

    /// <exception cref="FormatException">The bytes are not a message.</exception>
    internal static ChatMessage FromUtf8(byte[] json, string? role)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, MessageParts.DocumentOptions);
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                throw new FormatException("A message is a JSON object such as {\"role\": \"user\", \"content\": \"Hello\"}.");
            }

            role = JsonText.StringOf(root, "role") ?? role ?? throw new FormatException("The message has no role.");
            if (root.EnumerateObject().All(property => property.NameEquals("role")))
            {
                throw new FormatException($"The message with the role '{role}' has no content.");
            }

            return new ChatMessage(FindRole(role) ?? throw new FormatException(NotARole(role)), json);
        }
        catch (JsonException e)
        {
            throw new FormatException("The message isn't valid JSON: " + e.Message, e);
        }
    }

    internal void WriteTo(Utf8JsonWriter writer)
    {
        if (_json is not null)
        {
            writer.WriteRawValue(_json, skipInputValidation: true);
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("role", Role);
        writer.WriteString("content", _content);
        writer.WriteEndObject();
    }

    private static string CheckRole(string role) => FindRole(role) ?? throw new ArgumentException(NotARole(role), nameof(role));

    private static string? FindRole(string role) => Array.Find(s_roles, r => string.Equals(r, role, StringComparison.OrdinalIgnoreCase));

    private static string NotARole(string role) => $"'{role}' is not the role of a message. Use one of: {string.Join(", ", s_roles)}.";

    private byte[] Utf8() => _json ?? JsonText.Utf8(WriteTo);

    private MessageParts Read() => _parts ??= _json is null ? MessageParts.OfText(_content) : MessageParts.Read(_json);
}
