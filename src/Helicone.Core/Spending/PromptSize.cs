using System;
using System.Text.Json;

namespace Helicone.Spending;

/// <summary>What a request's body asks the model to read, counted once for every model that may answer.</summary>
/// <param name="Text">The tokens of everything that is text: messages, tool calls, tool definitions, schemas. Counted with OpenAI's vocabulary.</param>
/// <param name="Images">The number of images.</param>
/// <param name="Sound">The tokens of audio, estimated from its size.</param>
/// <param name="Files">The tokens of files, estimated from their size.</param>
internal readonly record struct PromptSize(long Text, int Images, long Sound, long Files)
{
    // Around every message: role and separators, as OpenAI documents them for its chat models.
    private const int PerMessage = 4;
    private const int BeforeAnswer = 3;

    // Sound is some ten tokens a second; at 16 bits and 24 kHz, base64 makes 64,000 characters of a second.
    private const int SoundCharactersPerToken = 6_400;

    // A page of a PDF is some 30 KB and 1,500 tokens; base64 makes four characters of three bytes.
    private const int FileCharactersPerToken = 27;

    /// <summary>Counts a request's body.</summary>
    internal static PromptSize Of(ReadOnlyMemory<byte> body)
    {
        using JsonDocument document = JsonDocument.Parse(body);
        Counter counter = new() { Text = BeforeAnswer };
        foreach (JsonProperty field in document.RootElement.EnumerateObject())
        {
            switch (field.Name)
            {
                case "messages" when field.Value.ValueKind == JsonValueKind.Array:
                    foreach (JsonElement message in field.Value.EnumerateArray())
                    {
                        counter.AddMessage(message);
                    }

                    break;
                case "tools" or "functions" or "response_format" or "prediction":
                    counter.AddJson(field.Value);
                    break;
            }
        }

        return new PromptSize(counter.Text, counter.Images, counter.Sound, counter.Files);
    }

    private sealed class Counter
    {
        internal long Text { get; set; }

        internal int Images { get; private set; }

        internal long Sound { get; private set; }

        internal long Files { get; private set; }

        internal void AddJson(JsonElement value) => Text += TokenCounter.Count(value.GetRawText());

        internal void AddMessage(JsonElement message)
        {
            Text += PerMessage;
            if (message.ValueKind != JsonValueKind.Object)
            {
                return;
            }

            foreach (JsonProperty field in message.EnumerateObject())
            {
                if (field.Name == "role")
                {
                    continue;
                }

                switch (field.Value.ValueKind)
                {
                    case JsonValueKind.String:
                        Text += TokenCounter.Count(field.Value.GetString()!);
                        break;
                    case JsonValueKind.Array when field.Name == "content":
                        foreach (JsonElement part in field.Value.EnumerateArray())
                        {
                            AddPart(part);
                        }

                        break;
                    case JsonValueKind.Array or JsonValueKind.Object:
                        AddJson(field.Value);
                        break;
                }
            }
        }

        private void AddPart(JsonElement part)
        {
            string? type = part.ValueKind == JsonValueKind.Object && part.TryGetProperty("type", out JsonElement name) && name.ValueKind == JsonValueKind.String ? name.GetString() : null;
            switch (type)
            {
                case "text" when part.TryGetProperty("text", out JsonElement text) && text.ValueKind == JsonValueKind.String:
                    Text += TokenCounter.Count(text.GetString()!);
                    break;
                case "image_url":
                    Images++;
                    break;
                case "input_audio":
                    Sound += part.GetRawText().Length / SoundCharactersPerToken;
                    break;
                case "file":
                    Files += part.GetRawText().Length / FileCharactersPerToken;
                    break;
                default:
                    AddJson(part);
                    break;
            }
        }
    }
}
