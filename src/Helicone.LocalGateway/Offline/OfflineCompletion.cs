using System;
using System.Buffers;
using System.Collections.Generic;
using System.Globalization;
using System.Text.Json;

namespace Helicone.LocalGateway.Offline;

/// <summary>An offline reply as OpenAI writes one: whole, or chunk by chunk.</summary>
internal sealed class OfflineCompletion(OfflineRequest request, OfflineReply reply, DateTimeOffset now)
{
    private readonly string _id = "chatcmpl-" + request.Id;
    private readonly long _created = now.ToUnixTimeSeconds();

    private IReadOnlyList<string> Pieces { get; } = OfflineTokens.Split(reply.ToolCall?.Arguments ?? reply.Content);

    public void WriteWhole(IBufferWriter<byte> output)
    {
        using Utf8JsonWriter json = new(output, GatewayJson.WriterOptions);
        WriteStart(json, "chat.completion");
        json.WriteStartArray("choices"u8);
        for (int index = 0; index < request.Choices; index++)
        {
            json.WriteStartObject();
            json.WriteNumber("index"u8, index);
            json.WriteStartObject("message"u8);
            json.WriteString("role"u8, "assistant"u8);
            if (reply.ToolCall is { } call)
            {
                json.WriteNull("content"u8);
                json.WriteStartArray("tool_calls"u8);
                WriteToolCall(json, index, call.Name, call.Arguments, inStream: false);
                json.WriteEndArray();
            }
            else
            {
                json.WriteString("content"u8, reply.Content);
            }

            json.WriteNull("refusal"u8);
            json.WriteEndObject();
            json.WriteNull("logprobs"u8);
            json.WriteString("finish_reason"u8, reply.FinishReason);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteUsage(json);
        json.WriteEndObject();
    }

    /// <summary>The chunks in their order: the role, the words, the reason for the end, and the usage.</summary>
    public IEnumerable<Action<Utf8JsonWriter>> Chunks()
    {
        for (int choice = 0; choice < request.Choices; choice++)
        {
            int index = choice;
            yield return json => WriteChunk(json, index, null, WriteRole);
            if (reply.ToolCall is { } call)
            {
                yield return json => WriteChunk(json, index, null, j => WriteToolDelta(j, () => WriteToolCall(j, index, call.Name, string.Empty, inStream: true)));
            }

            foreach (string piece in Pieces)
            {
                yield return json => WriteChunk(json, index, null, j => WritePiece(j, piece));
            }

            yield return json => WriteChunk(json, index, reply.FinishReason, static _ => { });
        }

        yield return json =>
        {
            WriteStart(json, "chat.completion.chunk");
            json.WriteStartArray("choices"u8);
            json.WriteEndArray();
            WriteUsage(json);
            json.WriteEndObject();
        };
    }

    private void WriteRole(Utf8JsonWriter json)
    {
        json.WriteString("role"u8, "assistant"u8);
        if (reply.ToolCall is null)
        {
            json.WriteString("content"u8, ""u8);
        }
        else
        {
            json.WriteNull("content"u8);
        }
    }

    private void WritePiece(Utf8JsonWriter json, string piece)
    {
        if (reply.ToolCall is null)
        {
            json.WriteString("content"u8, piece);
            return;
        }

        WriteToolDelta(json, () =>
        {
            json.WriteStartObject();
            json.WriteNumber("index"u8, 0);
            json.WriteStartObject("function"u8);
            json.WriteString("arguments"u8, piece);
            json.WriteEndObject();
            json.WriteEndObject();
        });
    }

    private static void WriteToolDelta(Utf8JsonWriter json, Action write)
    {
        json.WriteStartArray("tool_calls"u8);
        write();
        json.WriteEndArray();
    }

    private void WriteToolCall(Utf8JsonWriter json, int choice, string name, string arguments, bool inStream)
    {
        json.WriteStartObject();
        if (inStream)
        {
            json.WriteNumber("index"u8, 0);
        }

        json.WriteString("id"u8, string.Create(CultureInfo.InvariantCulture, $"call_{request.Id}_{choice}"));
        json.WriteString("type"u8, "function"u8);
        json.WriteStartObject("function"u8);
        json.WriteString("name"u8, name);
        json.WriteString("arguments"u8, arguments);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void WriteChunk(Utf8JsonWriter json, int index, string? finishReason, Action<Utf8JsonWriter> writeDelta)
    {
        WriteStart(json, "chat.completion.chunk");
        json.WriteStartArray("choices"u8);
        json.WriteStartObject();
        json.WriteNumber("index"u8, index);
        json.WriteStartObject("delta"u8);
        writeDelta(json);
        json.WriteEndObject();
        json.WriteNull("logprobs"u8);
        json.WriteString("finish_reason"u8, finishReason);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void WriteStart(Utf8JsonWriter json, string kind)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, _id);
        json.WriteString("object"u8, kind);
        json.WriteNumber("created"u8, _created);
        json.WriteString("model"u8, request.Model);
        json.WriteString("system_fingerprint"u8, "offline"u8);
    }

    private void WriteUsage(Utf8JsonWriter json)
    {
        int completion = Pieces.Count * request.Choices;
        json.WriteStartObject("usage"u8);
        json.WriteNumber("prompt_tokens"u8, request.PromptTokens);
        json.WriteNumber("completion_tokens"u8, completion);
        json.WriteNumber("total_tokens"u8, request.PromptTokens + completion);
        json.WriteStartObject("prompt_tokens_details"u8);
        json.WriteNumber("cached_tokens"u8, 0);
        json.WriteEndObject();
        json.WriteStartObject("completion_tokens_details"u8);
        json.WriteNumber("reasoning_tokens"u8, 0);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
