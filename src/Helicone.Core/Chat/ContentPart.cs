using System;
using System.Text.Json;
using Helicone.Serialization;

namespace Helicone.Chat;

/// <summary>One part of a message's content. Its JSON is kept as it came, so that a part can be sent back unchanged.</summary>
public sealed class ContentPart
{
    private ContentPart(ContentPartKind kind, string type, string json, string? text = null)
    {
        Kind = kind;
        Type = type;
        Json = json;
        Text = text;
    }

    /// <summary>The kind of the part.</summary>
    public ContentPartKind Kind { get; }

    /// <summary>The part's <c>type</c> on the wire, such as <c>text</c>, <c>image_url</c>, <c>input_audio</c>, or <c>thinking</c>.</summary>
    public string Type { get; }

    /// <summary>The text of a text, refusal, or reasoning part; otherwise <see langword="null"/>.</summary>
    public string? Text { get; }

    /// <summary>The address of an image (possibly a <c>data:</c> URI), or <see langword="null"/>.</summary>
    public string? Url { get; private init; }

    /// <summary>The base64 data of a sound or a file, or <see langword="null"/>. A file's data may be a <c>data:</c> URI.</summary>
    public string? Data { get; private init; }

    /// <summary>The format of a sound (<c>wav</c>, <c>mp3</c>), or the media type of an image, a file, or a document where it is known.</summary>
    public string? Format { get; private init; }

    /// <summary>The name of a file, or <see langword="null"/>.</summary>
    public string? FileName { get; private init; }

    /// <summary>The signature of a reasoning part, which providers require with the next request; otherwise <see langword="null"/>.</summary>
    public string? Signature { get; private init; }

    /// <summary>The part as JSON, including unknown fields.</summary>
    public string Json { get; }

    /// <summary>Creates a text part.</summary>
    public static ContentPart FromText(string text)
    {
        Require(text, nameof(text));
        return FromJson(JsonText.Object(writer =>
        {
            writer.WriteString("type", "text");
            writer.WriteString("text", text);
        }));
    }

    /// <summary>Creates an image part from an address that the provider can read.</summary>
    /// <param name="url">An <c>https:</c> address or a <c>data:</c> URI.</param>
    /// <param name="detail"><c>auto</c>, <c>low</c>, or <c>high</c>; the provider's default when <see langword="null"/>.</param>
    public static ContentPart FromImage(string url, string? detail = null)
    {
        Require(url, nameof(url));
        return FromJson(JsonText.Object(writer =>
        {
            writer.WriteString("type", "image_url");
            writer.WriteStartObject("image_url");
            writer.WriteString("url", url);
            if (detail is not null)
            {
                writer.WriteString("detail", detail);
            }

            writer.WriteEndObject();
        }));
    }

    /// <summary>Creates an image part from bytes.</summary>
    /// <param name="bytes">The image file.</param>
    /// <param name="mediaType">Its media type, such as <c>image/png</c>.</param>
    public static ContentPart FromImageBytes(byte[] bytes, string mediaType)
    {
        Require(bytes, nameof(bytes));
        Require(mediaType, nameof(mediaType));
        return FromImage("data:" + mediaType + ";base64," + Convert.ToBase64String(bytes));
    }

    /// <summary>Creates an audio part.</summary>
    /// <param name="bytes">The sound file.</param>
    /// <param name="format"><c>wav</c> or <c>mp3</c>.</param>
    public static ContentPart FromAudio(byte[] bytes, string format)
    {
        Require(bytes, nameof(bytes));
        Require(format, nameof(format));
        return FromJson(JsonText.Object(writer =>
        {
            writer.WriteString("type", "input_audio");
            writer.WriteStartObject("input_audio");
            writer.WriteBase64String("data", bytes);
            writer.WriteString("format", format);
            writer.WriteEndObject();
        }));
    }

    /// <summary>Creates a file part.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="fileName">The name that the model sees.</param>
    /// <param name="mediaType">The media type, such as <c>application/pdf</c>.</param>
    public static ContentPart FromFile(byte[] bytes, string fileName, string mediaType)
    {
        Require(bytes, nameof(bytes));
        Require(fileName, nameof(fileName));
        Require(mediaType, nameof(mediaType));
        return FromJson(JsonText.Object(writer =>
        {
            writer.WriteString("type", "file");
            writer.WriteStartObject("file");
            writer.WriteString("filename", fileName);
            writer.WriteString("file_data", "data:" + mediaType + ";base64," + Convert.ToBase64String(bytes));
            writer.WriteEndObject();
        }));
    }

    /// <summary>Reads a part. A part of an unknown kind is kept as it is.</summary>
    /// <exception cref="ArgumentException">The text is not a JSON object.</exception>
    public static ContentPart FromJson(string json)
    {
        Require(json, nameof(json));
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 256 });
            return Read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new ArgumentException("The content part isn't a JSON object: " + e.Message, nameof(json), e);
        }
    }

    /// <summary>The text, or the kind of what the part holds.</summary>
    public override string ToString() => Text ?? (FileName is null ? "[" + Type + "]" : "[" + Type + ": " + FileName + "]");

    /// <exception cref="InvalidOperationException">The part is neither an object nor text.</exception>
    internal static ContentPart Read(JsonElement part)
    {
        if (part.ValueKind == JsonValueKind.String)
        {
            // Some clients mix bare strings with parts.
            return new ContentPart(ContentPartKind.Text, "text", part.GetRawText(), JsonText.StringOf(part));
        }

        if (part.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidOperationException("it is neither an object nor text.");
        }

        string json = part.GetRawText();
        string type = JsonText.StringOf(part, "type") ?? (part.TryGetProperty("text", out _) ? "text" : string.Empty);
        switch (type)
        {
            case "text" or "input_text" or "output_text":
                return new ContentPart(ContentPartKind.Text, type, json, JsonText.StringOf(part, "text") ?? string.Empty);
            case "refusal":
                return new ContentPart(ContentPartKind.Refusal, type, json, JsonText.StringOf(part, "refusal") ?? string.Empty);
            case "thinking" or "reasoning" or "reasoning_text" or "redacted_thinking" or "reasoning.text" or "reasoning.summary" or "reasoning.encrypted":
                return new ContentPart(ContentPartKind.Reasoning, type, json, ReasoningText.Of(part)) { Signature = JsonText.StringOf(part, "signature") };
            case "image_url" or "input_image":
                return new ContentPart(ContentPartKind.Image, type, json)
                {
                    Url = part.TryGetProperty("image_url", out JsonElement image)
                        ? image.ValueKind == JsonValueKind.Object ? JsonText.StringOf(image, "url") : JsonText.StringOf(image)
                        : null,
                };
            case "input_audio" when part.TryGetProperty("input_audio", out JsonElement audio) && audio.ValueKind == JsonValueKind.Object:
                return new ContentPart(ContentPartKind.Audio, type, json) { Data = JsonText.StringOf(audio, "data"), Format = JsonText.StringOf(audio, "format") };
            case "file" when part.TryGetProperty("file", out JsonElement file) && file.ValueKind == JsonValueKind.Object:
                return new ContentPart(ContentPartKind.File, type, json) { Data = JsonText.StringOf(file, "file_data"), FileName = JsonText.StringOf(file, "filename") };
            default:
                return new ContentPart(ContentPartKind.Other, type, json);
        }
    }

    /// <summary>The sound of an answer, which is next to the content and not in it.</summary>
    internal static ContentPart FromAnswerAudio(JsonElement audio, string data) =>
        new(ContentPartKind.Audio, "audio", audio.GetRawText(), JsonText.StringOf(audio, "transcript")) { Data = data, Format = JsonText.StringOf(audio, "format") };

    private static void Require(object? value, string name)
    {
        if (value is null)
        {
            throw new ArgumentNullException(name);
        }
    }
}
