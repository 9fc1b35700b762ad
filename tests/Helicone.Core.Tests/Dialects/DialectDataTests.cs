using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Helicone.Chat;
using Helicone.Core.Tests.Servers;

namespace Helicone.Core.Tests.Dialects;

/// <summary>
/// Reads every answer under <c>Data/&lt;provider&gt;</c> as a user does, over HTTP, and sends its messages back. To add a shape, add its files:
/// <c>shape.json</c> is a whole answer, <c>shape.sse</c> is the same answer as a stream, and <c>shape.expected.json</c> is what a user sees of both.
/// </summary>
/// <remarks>
/// The expected file names only what its shape is about. Its <c>message</c> is the message of the stream, where that differs from the whole answer's.
/// The shapes are modeled on recorded answers of other projects; the texts and ids are our own.
/// </remarks>
public class DialectDataTests
{
    private static readonly string s_data = Path.Combine(AppContext.BaseDirectory, "Dialects", "Data");

    public static TheoryData<string> Whole => Files("*.json", name => !name.EndsWith(".expected.json", StringComparison.Ordinal));

    public static TheoryData<string> Streams => Files("*.sse", _ => true);

    public static TheoryData<string> Shapes => Files("*.expected.json", _ => true);

    [Fact]
    public void Data_HasTheShapesOfManyProviders()
    {
        Assert.True(Directory.GetDirectories(s_data).Length >= 12);
        Assert.True(Shapes.Count >= 80);
    }

    [Theory]
    [MemberData(nameof(Whole))]
    public void EveryFile_BelongsToAShape(string file) => Assert.True(File.Exists(PathOf(Shape(file) + ".expected.json")), file);

    [Theory]
    [MemberData(nameof(Shapes))]
    public void EveryShape_HasAnAnswer(string file) => Assert.True(File.Exists(PathOf(Shape(file) + ".json")) || File.Exists(PathOf(Shape(file) + ".sse")), file);

    [Theory]
    [MemberData(nameof(Whole))]
    public async Task AWholeAnswer_IsSentBackAsItCame(string file)
    {
        using DataHandler handler = new(PathOf(file), length: int.MaxValue);
        using HeliconeClient client = Client(handler);
        ChatCompletion answer = await client.Chat.CompleteAsync(Clients.Ask(), null, default);

        JsonArray sent = handler.Json!["choices"]!.AsArray();
        JsonNode?[] messages = [.. sent.Where(choice => choice!["message"] is not null).Select(choice => choice!["message"])];
        Same(new JsonArray([.. messages.Select(m => m!.DeepClone())]), await SendAsync(client, handler, answer));
        Same(handler.Json!, JsonNode.Parse(answer.Raw!)!);
        Seen(answer, Expected(file));
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task AStream_IsTheMessageOfTheWholeAnswer_AndIsSentBackAsIt(string file)
    {
        using DataHandler handler = new(PathOf(file), length: int.MaxValue);
        using HeliconeClient client = Client(handler);
        List<ChatChunk> chunks = await Clients.ReadAllAsync(client.Chat.Stream(Clients.Ask()));
        ChatCompletion answer = chunks[^1].Completion!;
        JsonNode expected = Expected(file);

        JsonArray messages = expected["message"] is { } message ? [message.DeepClone()]
            : expected["messages"] is JsonArray several ? (JsonArray)several.DeepClone()
            : [.. JsonNode.Parse(File.ReadAllText(PathOf(Shape(file) + ".json")))!["choices"]!.AsArray().Select(choice => AsStreamed(choice!["message"]!))];
        Same(messages, await SendAsync(client, handler, answer));
        Seen(answer, expected);
        Assert.Equal(answer.Content, string.Concat(chunks.Where(c => c.Index == 0).Select(c => c.Text)));
        Assert.Equal(answer.Reasoning ?? string.Empty, string.Concat(chunks.Where(c => c.Index == 0).Select(c => c.Reasoning)));
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task AStream_CutAnywhere_IsTheSameAnswer(string file)
    {
        List<string> read = [];
        foreach (int length in (int[])[int.MaxValue, 1, 7, 64])
        {
            using DataHandler handler = new(PathOf(file), length);
            using HeliconeClient client = Client(handler);
            List<ChatChunk> chunks = await Clients.ReadAllAsync(client.Chat.Stream(Clients.Ask()));
            ChatCompletion answer = chunks[^1].Completion!;
            read.Add(string.Join("\n", [answer.Raw!, answer.Usage?.ToString(), .. chunks.Select(c => $"{c.Index}|{c.Text}|{c.Reasoning}|{string.Join(",", c.ToolCalls)}|{c.FinishReason}")]));
        }

        Assert.All(read, result => Assert.Equal(read[0], result));
    }

    private static void Seen(ChatCompletion answer, JsonNode expected)
    {
        JsonObject seen = [];
        foreach ((string name, JsonNode? _) in expected.AsObject())
        {
            if (name is not ("message" or "messages"))
            {
                seen[name] = View(answer, name, expected);
            }
        }

        JsonObject wanted = (JsonObject)expected.DeepClone();
        wanted.Remove("message");
        wanted.Remove("messages");
        Same(wanted, seen);
    }

    private static JsonNode? View(ChatCompletion answer, string name, JsonNode expected)
    {
        switch (name)
        {
            case "text":
                Assert.Equal(answer.Content, answer.Message.Content ?? string.Empty);
                return answer.Content;
            case "reasoning":
                Assert.Equal(answer.Reasoning ?? string.Empty, answer.Message.Reasoning ?? string.Empty);
                return string.IsNullOrEmpty(answer.Reasoning) ? null : answer.Reasoning;
            case "refusal":
                Assert.Equal(answer.Refusal ?? string.Empty, answer.Message.Refusal ?? string.Empty);
                return string.IsNullOrEmpty(answer.Refusal) ? null : answer.Refusal;
            case "finishReason":
                return answer.FinishReason;
            case "model":
                return answer.Model;
            case "toolCalls":
                Assert.Equal(answer.ToolCalls, answer.Message.ToolCalls);
                return new JsonArray([.. answer.ToolCalls.Select(call => new JsonArray(call.Id, call.Type, call.Name, call.Arguments))]);
            case "extraContent":
                return new JsonArray([.. answer.ToolCalls.Select(call => call.ExtraContent is null ? null : JsonNode.Parse(call.ExtraContent))]);
            case "signatures":
                return new JsonArray([.. answer.Message.Parts.Where(part => part.Signature is not null).Select(part => (JsonNode?)part.Signature)]);
            case "parts":
                return new JsonArray([.. answer.Message.Parts.Select(part => (JsonNode?)part.Kind.ToString())]);
            case "images":
                return new JsonArray([.. answer.Message.Parts.Where(part => part.Kind == ContentPartKind.Image).Select(part => (JsonNode?)part.Url)]);
            case "audio":
                return new JsonArray([.. answer.Message.Parts.Where(part => part.Kind == ContentPartKind.Audio).Select(part => new JsonArray(part.Text, part.Data))]);
            case "citations":
                return new JsonArray([.. answer.Message.Annotations.Select(source => (JsonNode?)source.Url)]);
            case "choices":
                return new JsonArray([.. answer.Choices.Select(choice => (JsonNode?)choice.ToString())]);
            case "logProbs":
                return new JsonArray([.. answer.LogProbs.Select(token => (JsonNode?)token.Token)]);
            case "raw":
                return Picked(JsonNode.Parse(answer.Raw!)!, expected["raw"]!);
            case "usage":
                return Picked(
                    new JsonObject
                    {
                        ["input"] = answer.Usage!.PromptTokens,
                        ["output"] = answer.Usage.CompletionTokens,
                        ["total"] = answer.Usage.TotalTokens,
                        ["cached"] = answer.Usage.CachedTokens,
                        ["cacheWrite"] = answer.Usage.CacheWriteTokens,
                        ["reasoning"] = answer.Usage.ReasoningTokens,
                        ["audioInput"] = answer.Usage.PromptAudioTokens,
                        ["audioOutput"] = answer.Usage.CompletionAudioTokens,
                        ["accepted"] = answer.Usage.AcceptedPredictionTokens,
                        ["rejected"] = answer.Usage.RejectedPredictionTokens,
                        ["searches"] = answer.Usage.WebSearchRequests,
                        ["cost"] = answer.Usage.ProviderCost,
                    },
                    expected["usage"]!);
            default:
                throw new InvalidDataException($"'{name}' is not a part of an answer that these tests look at.");
        }
    }

    private static JsonObject Picked(JsonNode from, JsonNode names) =>
        new(names.AsObject().Select(name => KeyValuePair.Create(name.Key, from[name.Key]?.DeepClone())));

    /// <summary>The messages of the answer as the next request has them on the wire.</summary>
    private static async Task<JsonArray> SendAsync(HeliconeClient client, DataHandler handler, ChatCompletion answer)
    {
        ChatMessage[] messages = [new ChatMessage("user", "Go on."), .. answer.Choices.Select(choice => choice.Message)];
        handler.Sent = null;
        await client.Chat.CompleteAsync(new ChatRequest(messages), null, default);
        JsonArray sent = JsonNode.Parse(handler.Sent!)!["messages"]!.AsArray();
        return [.. sent.Skip(1).Select(message => message!.DeepClone())];
    }

    /// <summary>
    /// A whole message as a stream can have it. Fields that are null or empty lists don't come in deltas, the index of a call is a detail of the wire, and
    /// the type of a call that has none is <c>function</c>.
    /// </summary>
    private static JsonNode AsStreamed(JsonNode message)
    {
        JsonObject result = [];
        foreach ((string name, JsonNode? value) in message.AsObject())
        {
            if (name == "content" || (value is not null && value is not JsonArray { Count: 0 }))
            {
                result[name] = value?.DeepClone();
            }
        }

        foreach (JsonNode? call in result["tool_calls"] as JsonArray ?? [])
        {
            JsonObject fields = call!.AsObject();
            fields.Remove("index");
            fields["type"] ??= "function";
        }

        return result;
    }

    private static TheoryData<string> Files(string pattern, Func<string, bool> matches)
    {
        TheoryData<string> result = [];
        foreach (string path in Directory.GetFiles(s_data, pattern, SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            string file = Path.GetRelativePath(s_data, path).Replace('\\', '/');
            if (matches(file))
            {
                result.Add(file);
            }
        }

        return result;
    }

    private static string PathOf(string file) => Path.Combine(s_data, file);

    private static string Shape(string file) => file[..file.IndexOf('.', StringComparison.Ordinal)];

    private static JsonNode Expected(string file) => JsonNode.Parse(File.ReadAllText(PathOf(Shape(file) + ".expected.json")))!;

    private static HeliconeClient Client(DataHandler handler) => new(Clients.Options(new Uri("http://localhost/")) with { Handler = handler });

    private static void Same(JsonNode expected, JsonNode actual) =>
        Assert.True(JsonNode.DeepEquals(expected, actual), $"Expected {expected.ToJsonString()}\nbut got  {actual.ToJsonString()}");

    /// <summary>Answers the first request with a file, and the next with a short text.</summary>
    private sealed class DataHandler(string path, int length) : HttpMessageHandler
    {
        private readonly byte[] _data = File.ReadAllBytes(path);
        private bool _answered;

        internal JsonNode? Json => JsonNode.Parse(_data);

        internal string? Sent { get; set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Method == HttpMethod.Get)
            {
                return new HttpResponseMessage(HttpStatusCode.NotFound) { Content = new ByteArrayContent([]) };
            }

            Sent = await request.Content!.ReadAsStringAsync(cancellationToken);
            bool isStream = !_answered && path.EndsWith(".sse", StringComparison.Ordinal);
            HttpContent content = _answered ? new StringContent(Answers.Whole) : isStream ? new StreamContent(new CutStream(_data, length)) : new ByteArrayContent(_data);
            content.Headers.ContentType = new MediaTypeHeaderValue(isStream ? "text/event-stream" : "application/json");
            _answered = true;
            return new HttpResponseMessage(HttpStatusCode.OK) { Content = content };
        }
    }

    private sealed class CutStream(byte[] bytes, int length) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(Read(buffer.Span[..Math.Min(buffer.Length, length)]));
    }
}
