using System;
using System.Buffers;
using System.Text.Json;
using Helicone.LocalGateway.Requests;

namespace Helicone.LocalGateway.Providers;

/// <summary>The body as a provider gets it: the client's own bytes, but for the few members the gateway has a say in.</summary>
internal static class ForwardedBody
{
    public static byte[] Create(InferenceRequest request, string providerModelId, string provider)
    {
        ReadOnlySpan<byte> json = request.Body.Json.Span;
        bool forcesUsage = request.IsStreaming && request.Mapping == BodyMapping.OpenAI;
        ArrayBufferWriter<byte> body = new(json.Length + 128);
        body.Write("{\"model\":"u8);
        WriteString(body, providerModelId);
        if (forcesUsage)
        {
            // Cost and log need the usage, and OpenAI streams it on request only.
            body.Write(",\"stream_options\":{\"include_usage\":true"u8);
            CopyStreamOptions(body, request.Body);
            body.Write("}"u8);
        }

        foreach (BodyMember member in request.Body.Members)
        {
            bool dropped = member.Field switch
            {
                BodyField.Model or BodyField.Plugins => true,
                BodyField.StreamOptions => forcesUsage,
                BodyField.ReasoningOptions => !TakesReasoningOptions(request.Model),
                BodyField.ContextEditing => provider != "anthropic",
                _ => false,
            };
            if (!dropped)
            {
                body.Write(","u8);
                body.Write(member.Whole(json));
            }
        }

        body.Write("}"u8);
        return body.WrittenSpan.ToArray();
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
