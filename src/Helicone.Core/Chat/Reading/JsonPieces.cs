using System;
using System.Collections.Generic;
using System.Text;
using System.Text.Json;
using Helicone.Serialization;

namespace Helicone.Chat;

/// <summary>A JSON value that arrives in pieces, as the fields of a stream's deltas do.</summary>
/// <remarks>
/// Objects merge by name. Texts are joined, except for labels, which are repeated: names that are known to be labels, and a text that repeats
/// all that came before. Lists grow; where their items are numbered (<c>index</c>), an item with the same number and type continues the one before.
/// Of anything else the last value counts.
/// </remarks>
internal sealed class JsonPieces
{
    private static readonly HashSet<string> s_repeated = new(StringComparer.Ordinal)
    {
        "id", "type", "name", "role", "format", "object", "model", "index", "url", "title", "call_id", "tool_call_id", "status", "media_type", "filename", "file_id",

        // Azure's content filter, Groq, OpenRouter, vLLM: the same label with every event.
        "severity", "channel", "provider", "native_finish_reason", "stop_reason",
    };

    // The text of a model may begin with the same piece twice.
    private static readonly HashSet<string> s_joined = new(StringComparer.Ordinal) { "text", "thinking", "summary", "transcript", "data", "content", "refusal", "token" };

    private List<KeyValuePair<string, JsonPieces>>? _members;
    private List<JsonPieces>? _items;
    private StringBuilder? _text;
    private JsonElement _value;

    private JsonPieces()
    {
    }

    internal static JsonPieces Object() => new() { _members = [] };

    /// <summary>Takes the next piece of the member of that name.</summary>
    internal void Add(string name, JsonElement piece)
    {
        int position = _members!.FindIndex(m => m.Key == name);
        if (position < 0)
        {
            _members.Add(new KeyValuePair<string, JsonPieces>(name, Of(piece)));
        }
        else if (piece.ValueKind != JsonValueKind.Null)
        {
            _members[position].Value.Merge(name, piece);
        }
    }

    /// <summary>Sets the member of that name to the value that came last.</summary>
    internal void Replace(string name, JsonElement value)
    {
        int position = _members!.FindIndex(m => m.Key == name);
        if (position < 0)
        {
            _members.Add(new KeyValuePair<string, JsonPieces>(name, Of(value)));
        }
        else
        {
            _members[position].Value.Set(value);
        }
    }

    /// <summary>Takes the next piece of a member of a content part, whose lists hold pieces of one text (Mistral's <c>thinking</c>).</summary>
    internal void AddPart(string name, JsonElement piece)
    {
        if (Member(name)?._items is not { } items || piece.ValueKind != JsonValueKind.Array)
        {
            Add(name, piece);
            return;
        }

        foreach (JsonElement item in piece.EnumerateArray())
        {
            bool continues = items.Count > 0 && items[items.Count - 1].Member("type")?._text is { } type && JsonText.StringOf(item, "type") == type.ToString();
            if (continues)
            {
                items[items.Count - 1].Merge(name, item);
            }
            else
            {
                items.Add(Of(item));
            }
        }
    }

    /// <summary>The member of that name; with <paramref name="alone"/>, only if it is the only one.</summary>
    internal JsonPieces? Member(string name, bool alone = false)
    {
        if (_members is null || (alone && _members.Count != 1))
        {
            return null;
        }

        int position = _members.FindIndex(m => m.Key == name);
        return position < 0 ? null : _members[position].Value;
    }

    internal bool Has(string name) => _members!.Exists(m => m.Key == name);

    internal string ToJson() => Encoding.UTF8.GetString(JsonText.Utf8(WriteTo));

    internal void WriteMembersTo(Utf8JsonWriter writer)
    {
        foreach (KeyValuePair<string, JsonPieces> member in _members!)
        {
            writer.WritePropertyName(member.Key);
            member.Value.WriteTo(writer);
        }
    }

    internal void WriteTo(Utf8JsonWriter writer)
    {
        if (_members is not null)
        {
            writer.WriteStartObject();
            WriteMembersTo(writer);
            writer.WriteEndObject();
        }
        else if (_items is not null)
        {
            writer.WriteStartArray();
            foreach (JsonPieces item in _items)
            {
                item.WriteTo(writer);
            }

            writer.WriteEndArray();
        }
        else if (_text is not null)
        {
            writer.WriteStringValue(_text.ToString());
        }
        else
        {
            _value.WriteTo(writer);
        }
    }

    private static JsonPieces Of(JsonElement value)
    {
        JsonPieces result = new();
        result.Set(value);
        return result;
    }

    private void Set(JsonElement value)
    {
        (_members, _items, _text, _value) = (null, null, null, value);
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                _members = [];
                foreach (JsonProperty member in value.EnumerateObject())
                {
                    Add(member.Name, member.Value);
                }

                break;
            case JsonValueKind.Array:
                _items = [];
                foreach (JsonElement item in value.EnumerateArray())
                {
                    _items.Add(Of(item));
                }

                break;
            case JsonValueKind.String when JsonText.StringOf(value) is { } text:
                _text = new StringBuilder(text);
                break;
        }
    }

    private void Merge(string name, JsonElement piece)
    {
        if (_members is not null && piece.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty member in piece.EnumerateObject())
            {
                Add(member.Name, member.Value);
            }
        }
        else if (_items is not null && piece.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in piece.EnumerateArray())
            {
                if (Continued(item) is { } known)
                {
                    known.Merge(name, item);
                }
                else
                {
                    _items.Add(Of(item));
                }
            }
        }
        else if (_text is not null && piece.ValueKind == JsonValueKind.String)
        {
            string text = JsonText.StringOf(piece) ?? string.Empty;
            if (s_repeated.Contains(name))
            {
                Replace(text);
            }
            else if (s_joined.Contains(name) || _text.Length != text.Length || _text.ToString() != text)
            {
                Append(name, text);
            }
        }
        else
        {
            Set(piece);
        }
    }

    private void Replace(string text)
    {
        if (text.Length > 0)
        {
            _text!.Clear().Append(text);
        }
    }

    // OpenAI encodes every piece of a sound on its own, so a piece may end in padding that must not stay in the middle.
    private void Append(string name, string text)
    {
        if (name == "data" && _text!.Length > 0 && _text[_text.Length - 1] == '=' && text.Length > 0)
        {
            try
            {
                byte[] before = Convert.FromBase64String(_text.ToString());
                byte[] after = Convert.FromBase64String(text);
                byte[] both = new byte[before.Length + after.Length];
                before.CopyTo(both, 0);
                after.CopyTo(both, before.Length);
                _text.Clear().Append(Convert.ToBase64String(both));
                return;
            }
            catch (FormatException)
            {
                // It is not base64, so it is joined like any other text.
            }
        }

        _text!.Append(text);
    }

    private JsonPieces? Continued(JsonElement item)
    {
        if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty("index", out JsonElement index) || index.ValueKind != JsonValueKind.Number)
        {
            return null;
        }

        string? type = JsonText.StringOf(item, "type");
        return _items!.FindLast(known => known._members is not null
            && known.Member("index") is { } number && number._value.ValueKind == JsonValueKind.Number && number._value.GetRawText() == index.GetRawText()
            && (type is null || known.Member("type") is not { _text: { } knownType } || knownType.ToString() == type));
    }
}
