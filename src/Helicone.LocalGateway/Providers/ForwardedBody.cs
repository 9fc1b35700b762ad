using System;
using System.Buffers;
using System.Text.Json;
using Helicone.LocalGateway.Requests;

namespace Helicone.LocalGateway.Providers;

/// <summary>The body as a provider gets it: the client's own bytes, but for the few members the gateway has a say in.</summary>
internal static class ForwardedBody
{
    public static byte[] Create(InferenceRequest request, string providerModelId, string provider, ProviderDialect dialect)
    {
        ReadOnlySpan<byte> json = request.Body.Json.Span;
        bool isMapped = request.Mapping == BodyMapping.OpenAI;
        bool asksForUsage = isMapped && request.IsStreaming && dialect.AcceptsStreamOptions && !SaysWhetherToSendUsage(request.Body);
        ArrayBufferWriter<byte> body = new(json.Length + 128);
        body.Write("{\"model\":"u8);
        WriteString(body, providerModelId);
        if (asksForUsage)
        {
            // Cost and log need the usage, and OpenAI streams it on request only. A client that said what it wants gets that.
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
                WriteString(body, name);
                body.Write(":"u8);
                body.Write(member.Value(json));
            }
            else
            {
                body.Write(member.Whole(json));
            }
        }

        body.Write("}"u8);
        return body.WrittenSpan.ToArray();
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

    /// <summary>Whether a member has that name, however it is escaped.</summary>
    private static bool IsNamed(ReadOnlySpan<byte> member, string name)
    {
        Utf8JsonReader reader = new(member, GatewayJson.ReaderOptions);
        return reader.Read() && reader.ValueTextEquals(name);
    }

    private static void CopyStreamOptions(ArrayBufferWriter<byte> body, RequestBody request)
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

    private static void WriteString(ArrayBufferWriter<byte> body, string text)
    {
        using Utf8JsonWriter writer = new(body, GatewayJson.WriterOptions);
        writer.WriteStringValue(text);
    }
}
