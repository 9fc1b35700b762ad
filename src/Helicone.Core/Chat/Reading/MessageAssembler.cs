using System.Collections.Generic;
using System.Text;
using System.Text.Json;
using Helicone.Serialization;

namespace Helicone.Chat;

/// <summary>Puts the deltas of one choice together to the message that they are pieces of, without losing a field.</summary>
internal sealed class MessageAssembler(int index)
{
    private readonly StringBuilder _text = new();
    private readonly ToolCallAssembler _tools = new();
    private StringBuilder? _reasoningContent;
    private StringBuilder? _reasoningField;
    private StringBuilder? _reasoningInParts;
    private StringBuilder? _refusal;
    private JsonPieces? _extra;
    private JsonPieces? _choiceExtra;
    private List<(JsonElement Json, int Event)>? _parts;
    private int _textBeforeParts;
    private int _event;

    internal int Index { get; } = index;

    /// <summary>Indicates that the stream had this choice.</summary>
    internal bool HasBegun { get; private set; }

    internal string? Role { get; private set; }

    internal string? FinishReason { get; private set; }

    internal string Text => _text.ToString();

    internal bool HasText => _text.Length > 0;

    internal string? Reasoning => (_reasoningContent ?? _reasoningField ?? _reasoningInParts)?.ToString();

    internal string? Refusal => _refusal?.ToString();

    /// <summary>The tool calls, including one in the old field <c>function_call</c>.</summary>
    internal IReadOnlyList<ToolCall> ToolCalls => !_tools.IsEmpty ? _tools.ToCalls() : _extra?.Has("function_call") == true ? ToMessage().ToolCalls : [];

    internal IReadOnlyList<TokenLogProbability> LogProbs => _choiceExtra?.Member("logprobs") is { } logProbs ? LogProbsReader.Read(logProbs.ToJson()) : [];

    internal void Add(ChatDelta delta)
    {
        _event++;
        HasBegun = true;
        Role ??= delta.Role;
        FinishReason = delta.FinishReason ?? FinishReason;
        AddContent(delta);
        Append(ref _reasoningContent, delta.ReasoningContent);
        Append(ref _reasoningField, delta.ReasoningField);
        Append(ref _reasoningInParts, delta.ReasoningInParts);
        Append(ref _refusal, delta.Refusal);
        Add(ref _extra, delta.Extra);
        Add(ref _choiceExtra, delta.ChoiceExtra);
        if (delta.ToolCalls is { } pieces)
        {
            _tools.Add(pieces);
        }
    }

    internal ChatMessage ToMessage() => ChatMessage.FromAnswer(JsonText.Utf8(WriteMessage), Role);

    /// <summary>Writes the choice as a whole answer has it.</summary>
    internal void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("index", Index);
        writer.WritePropertyName("message");
        WriteMessage(writer);
        writer.WriteString("finish_reason", FinishReason);
        _choiceExtra?.WriteMembersTo(writer);
        writer.WriteEndObject();
    }

    private static void Append(ref StringBuilder? text, string? piece)
    {
        if (!string.IsNullOrEmpty(piece))
        {
            (text ??= new StringBuilder()).Append(piece);
        }
    }

    private static void Add(ref JsonPieces? fields, List<KeyValuePair<string, JsonElement>>? pieces)
    {
        if (pieces is null)
        {
            return;
        }

        fields ??= JsonPieces.Object();
        foreach (KeyValuePair<string, JsonElement> field in pieces)
        {
            fields.Add(field.Key, field.Value);
        }
    }

    private void AddContent(ChatDelta delta)
    {
        if (delta.Parts is { } parts)
        {
            if (_parts is null)
            {
                _parts = [];
                _textBeforeParts = _text.Length;
            }

            foreach (JsonElement part in parts.EnumerateArray())
            {
                _parts.Add((part, _event));
            }
        }
        else if (_parts is not null && delta.Text is { Length: > 0 } text)
        {
            // Mistral goes on with plain text after its thinking.
            using JsonDocument part = JsonDocument.Parse(ContentPart.FromText(text).Json);
            _parts.Add((part.RootElement.Clone(), _event));
        }

        _text.Append(delta.Text);
    }

    private void WriteMessage(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("role", Role ?? "assistant");
        if (_parts is not null)
        {
            WriteParts(writer, _parts);
        }
        else if (_text.Length == 0 && (!_tools.IsEmpty || _refusal is not null || _extra is not null))
        {
            writer.WriteNull("content");
        }
        else
        {
            writer.WriteString("content", _text.ToString());
        }

        Write(writer, "reasoning_content", _reasoningContent);
        Write(writer, "reasoning", _reasoningField);
        Write(writer, "refusal", _refusal);
        if (!_tools.IsEmpty)
        {
            writer.WritePropertyName("tool_calls");
            _tools.WriteTo(writer);
        }

        _extra?.WriteMembersTo(writer);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, string name, StringBuilder? text)
    {
        if (text is not null)
        {
            writer.WriteString(name, text.ToString());
        }
    }

    private void WriteParts(Utf8JsonWriter writer, List<(JsonElement Json, int Event)> parts)
    {
        writer.WriteStartArray("content");
        if (_textBeforeParts > 0)
        {
            writer.WriteRawValue(ContentPart.FromText(_text.ToString(0, _textBeforeParts)).Json, skipInputValidation: true);
        }

        // A part that arrives in pieces: the same kind again in a later event continues the one before. Databricks streams its reasoning that way too
        // (BerriAI/litellm, llms/databricks/chat/transformation.py).
        for (int i = 0; i < parts.Count;)
        {
            string? type = JsonText.StringOf(parts[i].Json, "type");
            if (type is not ("text" or "thinking" or "refusal" or "reasoning"))
            {
                parts[i++].Json.WriteTo(writer);
                continue;
            }

            JsonPieces joined = JsonPieces.Object();
            int first = i;
            for (; i < parts.Count && JsonText.StringOf(parts[i].Json, "type") == type && (i == first || parts[i].Event != parts[i - 1].Event); i++)
            {
                foreach (JsonProperty member in parts[i].Json.EnumerateObject())
                {
                    joined.AddPart(member.Name, member.Value);
                }
            }

            joined.WriteTo(writer);
        }

        writer.WriteEndArray();
    }
}
