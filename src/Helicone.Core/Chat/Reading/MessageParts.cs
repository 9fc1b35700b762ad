using System.Collections.Generic;
using System.Text;
using System.Text.Json;
using Helicone.Serialization;

namespace Helicone.Chat;

/// <summary>The typed view of a message's JSON. Read when a property is first asked for, because most messages are only sent on.</summary>
internal sealed class MessageParts
{
    internal static readonly JsonDocumentOptions DocumentOptions = new() { MaxDepth = 256 };

    internal string? Text { get; private set; }

    internal IReadOnlyList<ContentPart> Parts { get; private set; } = [];

    internal IReadOnlyList<ToolCall> ToolCalls { get; private set; } = [];

    internal string? ToolCallId { get; private set; }

    internal string? Name { get; private set; }

    internal string? Refusal { get; private set; }

    internal string? Reasoning { get; private set; }

    internal IReadOnlyList<ChatAnnotation> Annotations { get; private set; } = [];

    internal static MessageParts OfText(string? text) =>
        new() { Text = text, Parts = text is null ? [] : [ContentPart.FromText(text)] };

    internal static MessageParts Read(byte[] json)
    {
        using JsonDocument document = JsonDocument.Parse(json, DocumentOptions);
        JsonElement message = document.RootElement;
        MessageParts result = new();
        List<ContentPart> parts = [];
        if (message.TryGetProperty("content", out JsonElement content))
        {
            result.ReadContent(content, parts);
        }

        AddImages(message, parts);
        AddAudio(message, parts);
        result.Parts = parts;
        result.ToolCallId = JsonText.StringOf(message, "tool_call_id");
        result.Name = JsonText.StringOf(message, "name");
        result.Refusal = JsonText.StringOf(message, "refusal") is { Length: > 0 } refusal ? refusal : result.Refusal;
        result.Reasoning = FieldText(message, "reasoning_content") ?? FieldText(message, "reasoning") ?? FieldText(message, "reasoning_details") ?? result.Reasoning;
        result.ToolCalls = ReadToolCalls(message);
        if (message.TryGetProperty("annotations", out JsonElement annotations) && annotations.ValueKind == JsonValueKind.Array)
        {
            result.Annotations = ReadAnnotations(annotations);
        }

        return result;
    }

    private void ReadContent(JsonElement content, List<ContentPart> parts)
    {
        if (content.ValueKind == JsonValueKind.String)
        {
            Text = JsonText.StringOf(content);
            parts.Add(ContentPart.FromText(Text!));
            return;
        }

        if (content.ValueKind != JsonValueKind.Array)
        {
            return;
        }

        StringBuilder? text = null;
        StringBuilder? reasoning = null;
        foreach (JsonElement item in content.EnumerateArray())
        {
            if (item.ValueKind is not (JsonValueKind.Object or JsonValueKind.String))
            {
                continue;
            }

            ContentPart part = ContentPart.Read(item);
            parts.Add(part);
            if (part.Kind == ContentPartKind.Text)
            {
                (text ??= new StringBuilder()).Append(part.Text);
            }
            else if (part.Kind == ContentPartKind.Reasoning)
            {
                (reasoning ??= new StringBuilder()).Append(part.Text);
            }
            else if (part.Kind == ContentPartKind.Refusal)
            {
                Refusal += part.Text;
            }
        }

        Text = text?.ToString();
        Reasoning = reasoning?.ToString();
    }

    // Gemini's and OpenRouter's image models answer with images: [{ type: image_url, image_url: { url } }] next to the content.
    private static void AddImages(JsonElement message, List<ContentPart> parts)
    {
        if (message.TryGetProperty("images", out JsonElement images) && images.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement image in images.EnumerateArray())
            {
                if (image.ValueKind == JsonValueKind.Object)
                {
                    parts.Add(ContentPart.Read(image));
                }
            }
        }
    }

    // OpenAI's audio models answer with audio: { id, data, transcript, expires_at } next to the content. Snowflake fills in every field of OpenAI's
    // message, with empty values where there is nothing (recorded in pydantic/pydantic-ai, test_snowflake).
    private static void AddAudio(JsonElement message, List<ContentPart> parts)
    {
        if (message.TryGetProperty("audio", out JsonElement audio) && audio.ValueKind == JsonValueKind.Object && JsonText.StringOf(audio, "data") is { Length: > 0 } data)
        {
            parts.Add(ContentPart.FromAnswerAudio(audio, data));
        }
    }

    private static string? FieldText(JsonElement message, string name) =>
        message.TryGetProperty(name, out JsonElement value) && ReasoningText.Of(value) is { Length: > 0 } text ? text : null;

    private static IReadOnlyList<ToolCall> ReadToolCalls(JsonElement message)
    {
        bool has = message.TryGetProperty("tool_calls", out JsonElement calls) && calls.ValueKind is JsonValueKind.Array or JsonValueKind.Object;
        bool legacy = message.TryGetProperty("function_call", out JsonElement function) && JsonText.StringOf(function, "name") is { Length: > 0 };
        if (!has && !legacy)
        {
            return [];
        }

        ToolCallAssembler assembler = new();
        Utf8JsonReader reader = new(Encoding.UTF8.GetBytes(has ? calls.GetRawText() : function.GetRawText()), ChatJson.ReaderOptions);
        reader.Read();
        assembler.Add(has ? ToolCallReader.Read(ref reader) : [ToolCallReader.ReadLegacy(ref reader)]);
        return assembler.ToCalls();
    }

    private static List<ChatAnnotation> ReadAnnotations(JsonElement annotations)
    {
        List<ChatAnnotation> result = [];
        foreach (JsonElement annotation in annotations.EnumerateArray())
        {
            if (annotation.ValueKind != JsonValueKind.Object)
            {
                continue;
            }

            // Chat completions nest the citation; the Responses API and some proxies put it flat.
            JsonElement source = annotation.TryGetProperty("url_citation", out JsonElement nested) && nested.ValueKind == JsonValueKind.Object ? nested : annotation;
            result.Add(new ChatAnnotation
            {
                Url = JsonText.StringOf(source, "url"),
                Title = JsonText.StringOf(source, "title") ?? JsonText.StringOf(source, "filename"),
                StartIndex = Int(source, "start_index"),
                EndIndex = Int(source, "end_index"),
            });
        }

        return result;
    }

    private static int? Int(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) ? number : null;
}
