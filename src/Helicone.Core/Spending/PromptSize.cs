using System;
using System.Buffers.Binary;
using System.Text.Json;

namespace Helicone.Spending;

/// <summary>The size of the prompt in a request's body, counted once for every model that may answer.</summary>
/// <param name="Text">The tokens of everything that is text: messages, tool calls, tool definitions, schemas. Counted with OpenAI's vocabulary.</param>
/// <param name="Images">The number of images.</param>
/// <param name="Sound">The tokens of audio, estimated from its length or size.</param>
/// <param name="MostSound">The highest number of tokens that the audio can have.</param>
/// <param name="Files">The tokens of files, estimated from their size.</param>
/// <param name="MostFiles">The highest number of tokens that the files can have.</param>
/// <param name="IsElsewhere">Indicates that the request only refers to a part of the prompt, such as a file by its id, so that its size isn't known.</param>
internal readonly record struct PromptSize(long Text, int Images, long Sound, long MostSound, long Files, long MostFiles, bool IsElsewhere)
{
    // Around every message: role and separators, as OpenAI documents them for its chat models.
    private const int PerMessage = 4;
    private const int BeforeAnswer = 3;

    // OpenAI counts ten tokens for a second of sound, Google 32. Only a WAV file contains how many bytes a second has. Speech is compressed to some
    // 8,000 of them, and to 2,000 at the least.
    private const int SoundTokensPerSecond = 10;
    private const int MostSoundTokensPerSecond = 32;
    private const int CompressedBytesPerSecond = 8_000;
    private const int FewestBytesPerSecond = 2_000;

    // A page of a PDF is some 30 KB and 1,500 tokens. Without fonts it is 2 KB, and as many tokens.
    private const int FileBytesPerToken = 20;

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
                case "prompt_id":
                    // Helicone puts the prompt in its place.
                    counter.IsElsewhere = true;
                    break;
                case "tools" or "functions" or "response_format" or "prediction":
                    counter.AddJson(field.Value);
                    break;
            }
        }

        return new PromptSize(counter.Text, counter.Images, counter.Sound, counter.MostSound, counter.Files, counter.MostFiles, counter.IsElsewhere);
    }

    private sealed class Counter
    {
        internal long Text { get; set; }

        internal int Images { get; private set; }

        internal long Sound { get; private set; }

        internal long MostSound { get; private set; }

        internal long Files { get; private set; }

        internal long MostFiles { get; private set; }

        internal bool IsElsewhere { get; set; }

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
                    AddSound(part);
                    break;
                case "file":
                    AddFile(part);
                    break;
                default:
                    AddJson(part);

                    // Videos, documents, and future types: a link contains nothing about the size of its target.
                    IsElsewhere |= ContainsAny(part.GetRawText(), "url\"", "file_id\"", "file_uri\"", "fileUri\"");
                    break;
            }
        }

        private void AddSound(JsonElement part)
        {
            string data = StringIn(part, "input_audio", "data") ?? string.Empty;
            long bytes = Bytes(data.Length);
            int? rate = WaveRate(data);
            Sound += bytes / (rate ?? CompressedBytesPerSecond) * SoundTokensPerSecond;
            MostSound += ((bytes / (rate ?? FewestBytesPerSecond)) + 1) * MostSoundTokensPerSecond;
        }

        private void AddFile(JsonElement part)
        {
            string? data = StringIn(part, "file", "file_data");
            if (data is null || data.StartsWith("http", StringComparison.OrdinalIgnoreCase))
            {
                IsElsewhere = true;
                return;
            }

            Files += Bytes(data.Length) / FileBytesPerToken;
            MostFiles += Bytes(data.Length);
        }

        // Base64 makes four characters of three bytes.
        private static long Bytes(int characters) => characters * 3L / 4;

        private static string? StringIn(JsonElement part, string member, string name) =>
            part.TryGetProperty(member, out JsonElement content) && content.ValueKind == JsonValueKind.Object
            && content.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

        private static bool ContainsAny(string text, params string[] words) => Array.Exists(words, word => text.IndexOf(word, StringComparison.Ordinal) >= 0);

        /// <summary>The bytes of a second, from the header of a WAV file; <see langword="null"/> for any other sound.</summary>
        private static int? WaveRate(string data)
        {
            const int HeaderCharacters = 48;
            const int RateAt = 28;
            try
            {
                byte[] header = data.Length < HeaderCharacters ? [] : Convert.FromBase64String(data.Substring(0, HeaderCharacters));
                bool isWave = header.Length > 0 && header.AsSpan().StartsWith("RIFF"u8) && header.AsSpan(8).StartsWith("WAVEfmt "u8);
                return isWave && BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(RateAt)) is >= FewestBytesPerSecond and <= 1_000_000 and int rate ? rate : null;
            }
            catch (FormatException)
            {
                // It isn't base64: its provider will refuse it, and until then it is a sound like any other.
                return null;
            }
        }
    }
}
