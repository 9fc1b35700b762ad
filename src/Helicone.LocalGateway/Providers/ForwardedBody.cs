using System;
using System.Buffers;
using System.Collections.Generic;
using System.Text.Json;
using Helicone.LocalGateway.Requests;

namespace Helicone.LocalGateway.Providers;

/// <summary>The body as it is sent to a provider: the client's bytes, except for the few members that the gateway sets.</summary>
/// <remarks>A large one is not copied. Its parts are those of the request and are valid as long as that is.</remarks>
internal sealed class ForwardedBody
{
    // A copy of this size costs less than what is sent in parts.
    private const int LargestCopy = 64 * 1024;

    private readonly List<ReadOnlyMemory<byte>> _parts = [];
    private readonly ArrayBufferWriter<byte> _own = new(128);

    private ForwardedBody()
    {
    }

    /// <summary>The parts in their order.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Parts => _parts;

    public long Length { get; private set; }

    public static ForwardedBody Create(InferenceRequest request, string providerModelId, string provider, ProviderDialect dialect)
    {
        ReadOnlySpan<byte> json = request.Body.Json.Span;
        bool isMapped = request.Mapping == BodyMapping.OpenAI;
        bool asksForUsage = isMapped && request.IsStreaming && dialect.AcceptsStreamOptions && !SaysWhetherToSendUsage(request.Body);
        ForwardedBody body = new();
        body.Write("{\"model\":"u8);
        body.WriteString(providerModelId);
        if (asksForUsage)
        {
            // Cost and log need the usage, which OpenAI streams on request only. A client's own setting takes precedence.
            body.Write(",\"stream_options\":{\"include_usage\":true"u8);
            CopyStreamOptions(body, request.Body);
            body.Write("}"u8);
        }

        foreach (BodyMember member in request.Body.Members)
        {
            bool dropped = member.Field switch
            {
                BodyField.Model or BodyField.Plugins => true,
                BodyField.StreamOptions => asksForUsage || (isMapped && !dialect.AcceptsStreamOptions),
                BodyField.ReasoningOptions => !TakesReasoningOptions(request.Model),
                BodyField.ContextEditing => provider != "anthropic",
                _ => isMapped && LeavesOut(dialect, member, request.Body),
            };
            if (dropped)
            {
                continue;
            }

            body.Write(","u8);
            if (isMapped && NewNameOf(dialect, member.Whole(json)) is { } name)
            {
                body.WriteString(name);
                body.Write(":"u8);
                body.Add(request.Body.Json[member.ValueStart..member.ValueEnd]);
            }
            else
            {
                body.Add(request.Body.Json[member.NameStart..member.ValueEnd]);
            }
        }

        body.Write("}"u8);
        body.Complete();
        return body;
    }

    /// <summary>All of it as one sequence.</summary>
    public ReadOnlySequence<byte> ToSequence()
    {
        if (_parts.Count == 1)
        {
            return new ReadOnlySequence<byte>(_parts[0]);
        }

        Part first = new(_parts[0], 0);
        Part last = first;
        for (int i = 1; i < _parts.Count; i++)
        {
            last = last.Append(_parts[i]);
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private void Write(ReadOnlySpan<byte> bytes) => _own.Write(bytes);

    private void WriteString(string text)
    {
        using Utf8JsonWriter writer = new(_own, GatewayJson.WriterOptions);
        writer.WriteStringValue(text);
    }

    /// <summary>Adds bytes of the request: a few are copied, many are not.</summary>
    private void Add(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length <= LargestCopy)
        {
            _own.Write(bytes.Span);
            return;
        }

        Complete();
        _parts.Add(bytes);
        Length += bytes.Length;
    }

    private void Complete()
    {
        if (_own.WrittenCount > 0)
        {
            _parts.Add(_own.WrittenSpan.ToArray());
            Length += _own.WrittenCount;
            _own.ResetWrittenCount();
        }
    }

    private static bool SaysWhetherToSendUsage(RequestBody request)
    {
        if (request.Find(BodyField.StreamOptions) is not { ValueType: JsonTokenType.StartObject } member)
        {
            return false;
        }

        Utf8JsonReader reader = new(member.Value(request.Json.Span), GatewayJson.ReaderOptions);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isUsage = reader.ValueTextEquals("include_usage"u8);
            reader.Read();
            if (isUsage && reader.TokenType is JsonTokenType.True or JsonTokenType.False)
            {
                return true;
            }

            reader.Skip();
        }

        return false;
    }

    private static bool LeavesOut(ProviderDialect dialect, BodyMember member, RequestBody request)
    {
        ReadOnlySpan<byte> json = request.Json.Span;
        foreach (string field in dialect.LeavesOut)
        {
            if (IsNamed(member.Whole(json), field))
            {
                return true;
            }
        }

        // Under both of its names, a field would be in the body twice.
        if (NewNameOf(dialect, member.Whole(json)) is { } name)
        {
            foreach (BodyMember other in request.Members)
            {
                if (IsNamed(other.Whole(json), name))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static string? NewNameOf(ProviderDialect dialect, ReadOnlySpan<byte> member)
    {
        foreach ((string from, string to) in dialect.Renames)
        {
            if (IsNamed(member, from))
            {
                return to;
            }
        }

        return null;
    }

    /// <summary>Indicates whether a member has that name, however it is escaped.</summary>
    private static bool IsNamed(ReadOnlySpan<byte> member, string name)
    {
        Utf8JsonReader reader = new(member, GatewayJson.ReaderOptions);
        return reader.Read() && reader.ValueTextEquals(name);
    }

    private static void CopyStreamOptions(ForwardedBody body, RequestBody request)
    {
        if (request.Find(BodyField.StreamOptions) is not { ValueType: JsonTokenType.StartObject } member)
        {
            return;
        }

        ReadOnlySpan<byte> options = member.Value(request.Json.Span);
        Utf8JsonReader reader = new(options, GatewayJson.ReaderOptions);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool ours = reader.ValueTextEquals("include_usage"u8);
            int start = (int)reader.TokenStartIndex;
            reader.Read();
            reader.Skip();
            if (!ours)
            {
                body.Write(","u8);
                body.Write(options[start..(int)reader.BytesConsumed]);
            }
        }
    }

    // Helicone looks for the two names in the whole model list (requiresReasoningOptions).
    private static bool TakesReasoningOptions(string model) =>
        model.Contains("claude", StringComparison.Ordinal) || model.Contains("gemini", StringComparison.Ordinal);

    private sealed class Part : ReadOnlySequenceSegment<byte>
    {
        public Part(ReadOnlyMemory<byte> memory, long start)
        {
            Memory = memory;
            RunningIndex = start;
        }

        public Part Append(ReadOnlyMemory<byte> memory)
        {
            Part next = new(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
