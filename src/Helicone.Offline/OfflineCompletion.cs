using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using Helicone.Chat;
using Helicone.Registry;
using Helicone.Spending;

namespace Helicone.Offline;

/// <summary>An offline reply as OpenAI writes one: whole, or chunk by chunk.</summary>
internal sealed class OfflineCompletion(OfflineRequest request, OfflineReply reply, DateTimeOffset now, Func<string, ModelEndpoint?>? prices)
{
    private readonly string _id = "chatcmpl-" + request.Id;
    private readonly long _created = now.ToUnixTimeSeconds();

    private IReadOnlyList<string> TextPieces { get; } = OfflineTokens.Split(reply.Content);

    private IReadOnlyList<string>[] ArgumentPieces { get; } = [.. reply.ToolCalls.Select(call => OfflineTokens.Split(call.Arguments))];

    private bool HasText => reply.Content.Length > 0 || reply.ToolCalls.Count == 0;

    public void WriteWhole(Utf8JsonWriter json)
    {
        WriteStart(json, "chat.completion");
        json.WriteStartArray("choices"u8);
        for (int index = 0; index < request.Choices; index++)
        {
            json.WriteStartObject();
            json.WriteNumber("index"u8, index);
            json.WriteStartObject("message"u8);
            json.WriteString("role"u8, "assistant"u8);
            json.WriteString("content"u8, HasText ? reply.Content : null);
            if (reply.ToolCalls.Count > 0)
            {
                json.WriteStartArray("tool_calls"u8);
                for (int call = 0; call < reply.ToolCalls.Count; call++)
                {
                    WriteToolCall(json, index, call, reply.ToolCalls[call].Arguments, inStream: false);
                }

                json.WriteEndArray();
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
            foreach (string piece in TextPieces)
            {
                yield return json => WriteChunk(json, index, null, j => j.WriteString("content"u8, piece));
            }

            for (int number = 0; number < reply.ToolCalls.Count; number++)
            {
                int call = number;
                yield return json => WriteChunk(json, index, null, j => WriteToolDelta(j, () => WriteToolCall(j, index, call, string.Empty, inStream: true)));
                foreach (string piece in ArgumentPieces[call])
                {
                    yield return json => WriteChunk(json, index, null, j => WriteArguments(j, call, piece));
                }
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
        if (HasText)
        {
            json.WriteString("content"u8, ""u8);
        }
        else
        {
            json.WriteNull("content"u8);
        }
    }

    private static void WriteArguments(Utf8JsonWriter json, int call, string piece) => WriteToolDelta(json, () =>
    {
        json.WriteStartObject();
        json.WriteNumber("index"u8, call);
        json.WriteStartObject("function"u8);
        json.WriteString("arguments"u8, piece);
        json.WriteEndObject();
        json.WriteEndObject();
    });

    private static void WriteToolDelta(Utf8JsonWriter json, Action write)
    {
        json.WriteStartArray("tool_calls"u8);
        write();
        json.WriteEndArray();
    }

    private void WriteToolCall(Utf8JsonWriter json, int choice, int call, string arguments, bool inStream)
    {
        json.WriteStartObject();
        if (inStream)
        {
            json.WriteNumber("index"u8, call);
        }

        // The first call of a choice has the id that it had when there was no other.
        string number = call == 0 ? string.Empty : FormattableString.Invariant($"_{call}");
        json.WriteString("id"u8, FormattableString.Invariant($"call_{request.Id}_{choice}{number}"));
        json.WriteString("type"u8, "function"u8);
        json.WriteStartObject("function"u8);
        json.WriteString("name"u8, reply.ToolCalls[call].Name);
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
        int completion = (TextPieces.Count + ArgumentPieces.Sum(static pieces => pieces.Count)) * request.Choices;
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
        if (Charge(completion) is { } charge)
        {
            json.WriteNumber("cost"u8, charge);
        }

        json.WriteEndObject();
    }

    /// <summary>What the cheapest provider of the model would charge; <see langword="null"/> when offline answers are free, or nobody has a price.</summary>
    private decimal? Charge(long completion) =>
        prices?.Invoke(request.Model) is { } endpoint
            ? CostCalculator.Calculate(endpoint, new ChatUsage(request.PromptTokens, completion, request.PromptTokens + completion))
            : null;
}
