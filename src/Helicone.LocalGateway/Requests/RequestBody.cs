using System;
using System.Collections.Generic;
using System.Text.Json;

namespace Helicone.LocalGateway.Requests;

/// <summary>The JSON of a request, read once: the bytes stay as they came, and the few members that matter are known by place.</summary>
internal sealed class RequestBody : IDisposable
{
    private readonly PooledBuffer _buffer;

    private RequestBody(PooledBuffer buffer, ReadOnlyMemory<byte> json, IReadOnlyList<BodyMember> members)
    {
        _buffer = buffer;
        Json = json;
        Members = members;
    }

    public ReadOnlyMemory<byte> Json { get; }

    /// <summary>The members of the outermost object, in their order.</summary>
    public IReadOnlyList<BodyMember> Members { get; }

    /// <summary>Takes the buffer over; <see langword="null"/> when it holds no JSON object, and then the buffer stays the caller's.</summary>
    public static RequestBody? TryParse(PooledBuffer buffer)
    {
        ReadOnlyMemory<byte> json = buffer.WrittenMemory;
        if (json.Span.StartsWith("\uFEFF"u8))
        {
            json = json[3..];
        }

        try
        {
            return ReadMembers(json.Span) is { } members ? new RequestBody(buffer, json, members) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The member of that field. Of several the last counts, as for JSON.parse.</summary>
    public BodyMember? Find(BodyField field)
    {
        for (int i = Members.Count - 1; i >= 0; i--)
        {
            if (Members[i].Field == field)
            {
                return Members[i];
            }
        }

        return null;
    }

    public bool IsTruthy(BodyField field) => Find(field)?.IsTruthy(Json.Span) ?? false;

    public void Dispose() => _buffer.Dispose();

    private static List<BodyMember>? ReadMembers(ReadOnlySpan<byte> json)
    {
        Utf8JsonReader reader = new(json, GatewayJson.ReaderOptions);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return null;
        }

        List<BodyMember> members = new(16);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            BodyField field = FieldOf(ref reader);
            int nameStart = (int)reader.TokenStartIndex;
            reader.Read();
            int valueStart = (int)reader.TokenStartIndex;
            JsonTokenType valueType = reader.TokenType;
            reader.Skip();
            members.Add(new BodyMember(field, nameStart, valueStart, (int)reader.BytesConsumed, valueType));
        }

        // Anything except white space after the object is an error, which only reading on reveals.
        reader.Read();
        return members;
    }

    private static BodyField FieldOf(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("model"u8) ? BodyField.Model :
        reader.ValueTextEquals("stream"u8) ? BodyField.Stream :
        reader.ValueTextEquals("stream_options"u8) ? BodyField.StreamOptions :
        reader.ValueTextEquals("plugins"u8) ? BodyField.Plugins :
        reader.ValueTextEquals("reasoning_options"u8) ? BodyField.ReasoningOptions :
        reader.ValueTextEquals("context_editing"u8) ? BodyField.ContextEditing :
        reader.ValueTextEquals("prompt_id"u8) ? BodyField.PromptId :
        reader.ValueTextEquals("version_id"u8) ? BodyField.VersionId :
        reader.ValueTextEquals("environment"u8) ? BodyField.Environment :
        reader.ValueTextEquals("inputs"u8) ? BodyField.Inputs :
        reader.ValueTextEquals("messages"u8) ? BodyField.Messages :
        reader.ValueTextEquals("system"u8) || reader.ValueTextEquals("stop_sequences"u8) || reader.ValueTextEquals("anthropic_version"u8) ? BodyField.AnthropicOnly :
        BodyField.Other;
}
