using System.Collections.Generic;
using System.IO;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Helicone.Chat;

/// <summary>Puts the events of a stream together to the answer that they are pieces of.</summary>
internal sealed class ChatAssembler
{
    private readonly StringBuilder _text = new();
    private readonly SortedDictionary<int, (ToolCall Call, StringBuilder Arguments)> _tools = [];
    private StringBuilder? _reasoning;
    private StringBuilder? _refusal;
    private List<KeyValuePair<string, JsonElement>>? _extra;
    private Dictionary<string, JsonElement>? _fields;
    private HashSet<int>? _unfinished;
    private byte[]? _usageJson;

    internal string? Role { get; private set; }

    internal string? Model { get; private set; }

    internal string? FinishReason { get; private set; }

    internal ChatUsage? Usage { get; private set; }

    /// <summary>Whether the model has said of every answer that began why it ended.</summary>
    internal bool IsFinished => FinishReason is not null && _unfinished is not { Count: > 0 };

    /// <summary>Whether nothing at all has come.</summary>
    internal bool IsEmpty { get; private set; } = true;

    /// <summary>The text so far; <see langword="null"/> for none.</summary>
    internal string? PartialText => _text.Length == 0 ? null : _text.ToString();

    internal string Text => _text.ToString();

    internal string? Reasoning => _reasoning?.ToString();

    internal string? Refusal => _refusal?.ToString();

    internal IReadOnlyList<ToolCall> ToolCalls
    {
        get
        {
            if (_tools.Count == 0)
            {
                return [];
            }

            List<ToolCall> calls = [];
            foreach ((ToolCall call, StringBuilder arguments) in _tools.Values)
            {
                calls.Add(call with { Arguments = arguments.ToString() });
            }

            return calls;
        }
    }

    internal void Add(ChatEvent part)
    {
        IsEmpty = false;
        Model ??= part.Model;
        if (part.Usage is not null)
        {
            Usage = part.Usage;
            _usageJson = part.UsageJson;
        }

        if (part.Extra is { } extra)
        {
            foreach (KeyValuePair<string, JsonElement> field in extra)
            {
                (_fields ??= [])[field.Key] = field.Value;
            }
        }

        if (part.Choice is not { } first)
        {
            return;
        }

        Add(first);
        foreach (ChatChoice choice in part.MoreChoices)
        {
            Add(choice);
        }
    }

    /// <summary>The answer as OpenAI's JSON, fields that this client does not know included.</summary>
    internal string ToJson(string? id)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter writer = new(bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            if (id is not null)
            {
                writer.WriteString("id", id);
            }

            writer.WriteString("object", "chat.completion");
            writer.WriteString("model", Model);
            writer.WriteStartArray("choices");
            writer.WriteStartObject();
            writer.WriteNumber("index", 0);
            writer.WriteStartObject("message");
            WriteMessage(writer);
            writer.WriteEndObject();
            writer.WriteString("finish_reason", FinishReason);
            writer.WriteEndObject();
            writer.WriteEndArray();
            if (_usageJson is not null)
            {
                writer.WritePropertyName("usage");
                writer.WriteRawValue(_usageJson);
            }

            foreach (KeyValuePair<string, JsonElement> field in _fields ?? [])
            {
                writer.WritePropertyName(field.Key);
                field.Value.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    private void WriteMessage(Utf8JsonWriter writer)
    {
        writer.WriteString("role", Role ?? "assistant");
        writer.WriteString("content", Text);
        if (Reasoning is { } reasoning)
        {
            writer.WriteString("reasoning", reasoning);
        }

        if (Refusal is { } refusal)
        {
            writer.WriteString("refusal", refusal);
        }

        if (_tools.Count > 0)
        {
            writer.WriteStartArray("tool_calls");
            foreach (ToolCall call in ToolCalls)
            {
                writer.WriteStartObject();
                writer.WriteNumber("index", call.Index);
                writer.WriteString("id", call.Id);
                writer.WriteString("type", "function");
                writer.WriteStartObject("function");
                writer.WriteString("name", call.Name);
                writer.WriteString("arguments", call.Arguments);
                writer.WriteEndObject();
                if (call.ExtraContent is { } extra)
                {
                    writer.WritePropertyName("extra_content");
                    writer.WriteRawValue(extra);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        WriteExtra(writer);
    }

    // Lists grow from event to event; of anything else the last one counts.
    private void WriteExtra(Utf8JsonWriter writer)
    {
        if (_extra is null)
        {
            return;
        }

        Dictionary<string, List<JsonElement>> byName = [];
        foreach (KeyValuePair<string, JsonElement> field in _extra)
        {
            if (!byName.TryGetValue(field.Key, out List<JsonElement>? values))
            {
                byName[field.Key] = values = [];
            }

            values.Add(field.Value);
        }

        foreach (KeyValuePair<string, List<JsonElement>> field in byName)
        {
            writer.WritePropertyName(field.Key);
            if (field.Value.TrueForAll(v => v.ValueKind == JsonValueKind.Array))
            {
                writer.WriteStartArray();
                foreach (JsonElement list in field.Value)
                {
                    foreach (JsonElement item in list.EnumerateArray())
                    {
                        item.WriteTo(writer);
                    }
                }

                writer.WriteEndArray();
            }
            else
            {
                field.Value[field.Value.Count - 1].WriteTo(writer);
            }
        }
    }

    private void Add(ChatChoice choice)
    {
        // Several answers to one request share the stream; the completion is the first of them.
        if (choice.Index != 0)
        {
            if (choice.FinishReason is null)
            {
                (_unfinished ??= []).Add(choice.Index);
            }
            else
            {
                _unfinished?.Remove(choice.Index);
            }

            return;
        }

        Role ??= choice.Role;
        FinishReason = choice.FinishReason ?? FinishReason;
        _text.Append(choice.Text);
        if (choice.Reasoning is { } reasoning)
        {
            (_reasoning ??= new StringBuilder()).Append(reasoning);
        }

        if (choice.Refusal is { } refusal)
        {
            (_refusal ??= new StringBuilder()).Append(refusal);
        }

        if (choice.Extra is { } extra)
        {
            (_extra ??= []).AddRange(extra);
        }

        foreach (ToolCall piece in choice.ToolCalls ?? [])
        {
            if (_tools.TryGetValue(piece.Index, out (ToolCall Call, StringBuilder Arguments) known))
            {
                known.Arguments.Append(piece.Arguments);
                _tools[piece.Index] = (
                    known.Call with { Id = known.Call.Id ?? piece.Id, Name = known.Call.Name ?? piece.Name, ExtraContent = piece.ExtraContent ?? known.Call.ExtraContent },
                    known.Arguments);
            }
            else
            {
                _tools[piece.Index] = (piece, new StringBuilder(piece.Arguments));
            }
        }
    }
}
