using System;
using System.Collections.Generic;
using System.Text;

namespace Helicone.Chat;

/// <summary>An answer as it was read: a whole document, or the events of a stream put together.</summary>
internal sealed class ChatAnswer
{
    private readonly ChatDelta? _delta;
    private readonly ChatAssembler? _stream;
    private readonly ChatEvent? _document;
    private readonly ReadOnlyMemory<byte> _json;
    private readonly string? _id;

    /// <param name="document">The document, with at least one choice.</param>
    /// <param name="json">Its bytes, which are kept.</param>
    internal ChatAnswer(ChatEvent document, ReadOnlyMemory<byte> json)
    {
        _document = document;
        _delta = document.Choice!;
        _json = json;
        ToolCalls = CallsOf(_delta);
    }

    /// <param name="stream">The events.</param>
    /// <param name="id">The id to use where the stream had none.</param>
    internal ChatAnswer(ChatAssembler stream, string? id)
    {
        _stream = stream;
        _id = id;
        ToolCalls = stream.First.ToolCalls;
    }

    internal string? Model => _stream is null ? _document!.Model : _stream.Model;

    internal ChatUsage? Usage => _stream is null ? _document!.Usage : _stream.Usage;

    internal string Text => (_stream is null ? _delta!.Text : _stream.First.Text) ?? string.Empty;

    internal string Role => (_stream is null ? _delta!.Role : _stream.First.Role) ?? "assistant";

    internal string? FinishReason => _stream is null ? _delta!.FinishReason : _stream.First.FinishReason;

    internal string? Reasoning => _stream is null ? _delta!.Reasoning : _stream.First.Reasoning;

    internal string? Refusal => _stream is null ? _delta!.Refusal : _stream.First.Refusal;

    internal IReadOnlyList<ToolCall> ToolCalls { get; }

    internal IReadOnlyList<ChatChoice> ReadChoices()
    {
        if (_stream is not null)
        {
            return _stream.Choices;
        }

        List<ChatChoice> choices = [Choice(_delta!)];
        foreach (ChatDelta delta in _document!.MoreChoices)
        {
            if (delta.HasMessage)
            {
                choices.Add(Choice(delta));
            }
        }

        return choices;
    }

    internal string ReadRaw() => _stream is not null ? _stream.ToJson(_id) : Encoding.UTF8.GetString(_json.ToArray());

    private IReadOnlyList<ToolCall> CallsOf(ChatDelta delta)
    {
        if (delta.ToolCalls is null)
        {
            // The old field function_call is left to the message, which reads both.
            return delta.Extra?.Exists(field => field.Key == "function_call") == true ? MessageOf(delta).ToolCalls : [];
        }

        ToolCallAssembler assembler = new();
        assembler.Add(delta.ToolCalls);
        return assembler.ToCalls();
    }

    private ChatMessage MessageOf(ChatDelta delta) =>
        ChatMessage.FromAnswer(_json.Slice(delta.MessageRange.Start, delta.MessageRange.Length).ToArray(), delta.Role);

    private ChatChoice Choice(ChatDelta delta)
    {
        int logProbs = delta.ChoiceExtra?.FindIndex(field => field.Key == "logprobs") ?? -1;
        return new ChatChoice(delta.Index, MessageOf(delta), delta.FinishReason, logProbs < 0 ? [] : LogProbsReader.Read(delta.ChoiceExtra![logProbs].Value.GetRawText()));
    }
}
