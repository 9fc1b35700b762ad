using System.Collections.Generic;
using System.Text;
using System.Text.Json;
using Helicone.Serialization;

namespace Helicone.Chat;

/// <summary>Puts the pieces of an answer's tool calls together.</summary>
/// <remarks>
/// OpenAI numbers the calls and sends the id with the first piece of each. Others do less: Google's compatible endpoint and dynamo leave the index
/// out, or send 0 with every call; some versions of vLLM and Ollama repeat the id or the name with every piece. So a piece starts a new call
/// when its id is new, and without an id when it names a tool although the call before it is complete.
/// Ids are not reliable either. Gemini reuses one id for parallel calls (OpenRouterTeam/ai-sdk-provider, issue 160), so a known id starts a new call
/// when it comes with a name and arguments although its call is complete. Poolside and vLLM's Harmony models send a new id with every piece
/// (poolsideai/pool#9, vllm-project/vllm#23522), so a new id without a name continues a call that is not complete.
/// </remarks>
internal sealed class ToolCallAssembler
{
    private readonly List<Call> _calls = [];

    internal bool IsEmpty => _calls.Count == 0;

    /// <summary>Takes the pieces of one event and sets their <see cref="ToolCallPiece.Position"/>.</summary>
    internal void Add(IReadOnlyList<ToolCallPiece> pieces)
    {
        Call? before = null;
        foreach (ToolCallPiece piece in pieces)
        {
            Call call = Find(piece, before) ?? Begin(piece);
            call.Add(piece);
            piece.Position = call.Position;
            before = call;
        }
    }

    internal IReadOnlyList<ToolCall> ToCalls()
    {
        ToolCall[] calls = new ToolCall[_calls.Count];
        for (int i = 0; i < calls.Length; i++)
        {
            calls[i] = _calls[i].ToCall();
        }

        return calls;
    }

    internal void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartArray();
        foreach (Call call in _calls)
        {
            call.WriteTo(writer);
        }

        writer.WriteEndArray();
    }

    /// <summary>The value of <c>extra_content</c> alone, or all unknown fields as one object.</summary>
    internal static string? ExtraContentOf(List<KeyValuePair<string, JsonElement>>? extra)
    {
        if (extra is null)
        {
            return null;
        }

        if (extra.Count == 1 && extra[0].Key == "extra_content")
        {
            return extra[0].Value.GetRawText();
        }

        return JsonText.Object(writer =>
        {
            foreach (KeyValuePair<string, JsonElement> field in extra)
            {
                writer.WritePropertyName(field.Key);
                field.Value.WriteTo(writer);
            }
        });
    }

    private Call? Find(ToolCallPiece piece, Call? before)
    {
        if (piece.Id is not null && Known(piece) is { } same)
        {
            bool isAnother = piece.Name is not null && !string.IsNullOrEmpty(piece.Arguments) && (piece.Index is null || piece.Index != same.WireIndex) && same.IsComplete;
            return isAnother ? null : same;
        }

        // Two entries of one event that both name a tool are two calls, whatever their index.
        Call? candidate = piece.Index is { } index ? _calls.FindLast(c => c.WireIndex == index) : _calls.Count > 0 ? _calls[_calls.Count - 1] : null;
        if (candidate is null || (piece.Name is not null && candidate == before))
        {
            return null;
        }

        if (piece.Id is not null)
        {
            bool continues = candidate.Id is null || (piece.Name is null && candidate.Name is not null && !candidate.IsComplete);
            return continues ? candidate : null;
        }

        return piece.Name is not null && candidate.Name is not null && candidate.IsComplete ? null : candidate;
    }

    // Of several calls with one id, the one with the piece's index.
    private Call? Known(ToolCallPiece piece) =>
        _calls.FindLast(c => c.Id == piece.Id && c.WireIndex == piece.Index) ?? _calls.FindLast(c => c.Id == piece.Id);

    private Call Begin(ToolCallPiece piece)
    {
        Call call = new(_calls.Count, piece.Index ?? _calls.Count);
        _calls.Add(call);
        return call;
    }

    private sealed class Call(int position, int wireIndex)
    {
        private readonly StringBuilder _arguments = new();
        private string? _type;
        private JsonPieces? _extra;

        internal int Position { get; } = position;

        internal int WireIndex { get; } = wireIndex;

        internal string? Id { get; private set; }

        internal string? Name { get; private set; }

        /// <summary>Indicates that the arguments are one whole JSON value, so that nothing can follow.</summary>
        internal bool IsComplete
        {
            get
            {
                if (_arguments.Length == 0 || _arguments[_arguments.Length - 1] is not ('}' or ']'))
                {
                    return false;
                }

                try
                {
                    using JsonDocument document = JsonDocument.Parse(_arguments.ToString(), MessageParts.DocumentOptions);
                    return true;
                }
                catch (JsonException)
                {
                    // More is to come: that is what the property reports.
                    return false;
                }
            }
        }

        // Databricks begins a call with an empty object and then sends the arguments (BerriAI/litellm, llms/databricks/chat/transformation.py).
        private bool IsEmptyObject => _arguments.Length == 2 && _arguments[0] == '{' && _arguments[1] == '}' && !IsCustom;

        private bool IsCustom => _type == "custom";

        internal void Add(ToolCallPiece piece)
        {
            Id ??= piece.Id;
            Name ??= piece.Name;
            _type ??= piece.Type;
            if (piece.ArgumentsAreWhole || (piece.Arguments is { Length: > 0 } next && next[0] == '{' && IsEmptyObject))
            {
                _arguments.Clear();
            }

            _arguments.Append(piece.Arguments);
            foreach (KeyValuePair<string, JsonElement> field in piece.Extra ?? [])
            {
                (_extra ??= JsonPieces.Object()).Add(field.Key, field.Value);
            }
        }

        internal ToolCall ToCall() => new()
        {
            Index = Position,
            Id = Id,
            Type = _type ?? "function",
            Name = Name,
            Arguments = Arguments(),
            ExtraContent = _extra is null ? null : Extra(_extra),
        };

        internal void WriteTo(Utf8JsonWriter writer)
        {
            writer.WriteStartObject();
            writer.WriteString("id", Id);
            writer.WriteString("type", _type ?? "function");
            writer.WriteStartObject(IsCustom ? "custom" : "function");
            writer.WriteString("name", Name);
            writer.WriteString(IsCustom ? "input" : "arguments", Arguments());
            writer.WriteEndObject();
            _extra?.WriteMembersTo(writer);
            writer.WriteEndObject();
        }

        // A call without arguments is sent back with an empty object: Anthropic and Mistral refuse empty text.
        private string Arguments() => _arguments.Length == 0 && !IsCustom ? "{}" : _arguments.ToString();

        private static string? Extra(JsonPieces extra) => extra.Member("extra_content", alone: true) is { } alone
            ? alone.ToJson()
            : extra.ToJson();
    }
}
