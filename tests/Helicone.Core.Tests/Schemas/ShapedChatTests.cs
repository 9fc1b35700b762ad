using System.Text.Json;
using Helicone.Attribution;
using Helicone.Bulk;
using Helicone.Chat;
using Helicone.Core.Tests.Servers;
using Helicone.Errors;
using Helicone.Schemas;
using Microsoft.AspNetCore.Http;

namespace Helicone.Core.Tests.Schemas;

/// <summary>Asking for a shape: what goes over the wire, the second question, and what is on the error.</summary>
public sealed class ShapedChatTests : IDisposable
{
    private static readonly AnswerShape s_shape = AnswerShape.From(ShapeCase.Of(("Count", typeof(int))));

    private readonly string _folder = Directory.CreateTempSubdirectory("helicone-shapes-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Request_HasTheSchema()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(Says("{\"Count\":3}"));

        ShapedAnswer answer = await AskAsync(server);

        Assert.Equal("{Count=Int32:3}", Rendering.Of(answer.Value));
        using JsonDocument body = JsonDocument.Parse(Assert.Single(server.Chats).Body);
        Assert.Equal(
            """{"type":"json_schema","json_schema":{"name":"answer","strict":true,"schema":{"type":"object","properties":{"Count":{"type":"integer"}},"required":["Count"],"additionalProperties":false}}}""",
            body.RootElement.GetProperty("response_format").GetRawText());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AnswerThatDoesntFit_IsAskedForOnceMore_InTheSameConversation(bool stream)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Sequence(Says("{\"Count\":\"three\"}", stream), Says("{\"Count\":3}", stream)));

        ShapedAnswer answer = await AskAsync(server, stream: stream);

        Assert.Equal("{Count=Int32:3}", Rendering.Of(answer.Value));
        Assert.Equal(2, answer.Completions.Count);
        using JsonDocument body = JsonDocument.Parse(server.Chats[1].Body);
        JsonElement[] messages = [.. body.RootElement.GetProperty("messages").EnumerateArray()];
        Assert.Equal(["user", "assistant", "user"], messages.Select(m => m.GetProperty("role").GetString()));
        Assert.Equal("{\"Count\":\"three\"}", messages[1].GetProperty("content").GetString());
        Assert.Contains("- 'Count' must be a whole number, and it is the text 'three'.", messages[2].GetProperty("content").GetString(), StringComparison.Ordinal);
        Assert.True(body.RootElement.TryGetProperty("response_format", out _));
    }

    [Fact]
    public async Task SecondAnswerThatDoesntFit_IsAnError_WithBothAnswersAndTheirCost()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(
            Says("{\"Count\":\"three\"}"),
            ScriptedServer.Json("""{"data":{"models":[{"id":"gpt-4o-mini","endpoints":[{"provider":"OpenAI","providerSlug":"openai","pricing":{"prompt":1,"completion":2}}]}]}}"""));
        using HeliconeClient client = Clients.Client(server.Uri);

        HeliconeException e = await Assert.ThrowsAsync<HeliconeException>(() => AskAsync(server, client));

        Assert.Equal(HeliconeErrorKind.SchemaMismatch, e.Kind);
        Assert.False(e.IsTransient);
        Assert.Equal("The answer doesn't fit the shape after 2 calls. 'Count' must be a whole number, and it is the text 'three'.", e.Message);
        Assert.Equal("{\"Count\":\"three\"}", e.Completion!.Content);
        Assert.Equal(2, e.Completions.Count);
        Assert.Equal(2, server.Chats.Count);
        await client.Models.WaitForPricesAsync();
        Assert.Equal(0.0028m, e.Cost);
    }

    [Theory]
    [InlineData("""{"role":"assistant","content":null,"refusal":"I can't help with that."}""", "stop", "The model refused to answer: 'I can't help with that.'")]
    [InlineData("""{"role":"assistant","content":"{\"Count\":"}""", "length", "cut off at the token limit (finish_reason is 'length')")]
    [InlineData("""{"role":"assistant","content":"{"}""", "content_filter", "content filter stopped the answer")]
    [InlineData("""{"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}}]}""", "tool_calls", "called a tool instead")]
    public async Task AnswerThatWouldComeBack_IsNotAskedForAgain(string message, string finishReason, string reason)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Json(Message(message, finishReason)));

        HeliconeException e = await Assert.ThrowsAsync<HeliconeException>(() => AskAsync(server));

        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
        Assert.Single(server.Chats);
        Assert.Single(e.Completions);
    }

    [Fact]
    public async Task FailureOfTheSecondCall_KeepsTheFirstAnswer()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Sequence(Says("no"), ScriptedServer.Text(403, "no more")));

        HeliconeException e = await Assert.ThrowsAsync<HeliconeException>(() => AskAsync(server));

        Assert.Equal(HeliconeErrorKind.Forbidden, e.Kind);
        Assert.Equal("no", e.Completion!.Content);
    }

    [Fact]
    public async Task ProviderWithoutSchemas_GetsTheSchemaInThePrompt_AndIsKnownFromThenOn()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(context =>
            BodyOf(context).Contains("\"json_schema\"", StringComparison.Ordinal)
                ? ScriptedServer.Json("""{"error":{"message":"This response_format type is unavailable now","type":"invalid_request_error"}}""", 400)(context)
                : Says("{\"Count\":3}")(context));
        using HeliconeClient client = Clients.Client(server.Uri);

        Assert.Equal("{Count=Int32:3}", Rendering.Of((await AskAsync(server, client)).Value));
        Assert.Equal(3, server.Chats.Count);
        _ = await AskAsync(server, client);
        Assert.Equal(4, server.Chats.Count);

        using JsonDocument body = JsonDocument.Parse(server.Chats[3].Body);
        Assert.Equal("""{"type":"json_object"}""", body.RootElement.GetProperty("response_format").GetRawText());
        string prompt = body.RootElement.GetProperty("messages")[0].GetProperty("content").GetString()!;
        Assert.StartsWith("Why is the sky blue?", prompt, StringComparison.Ordinal);
        Assert.EndsWith(s_shape.Schema, prompt, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ProviderWithoutAnyFormat_GetsTheSchemaInThePrompt()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(context =>
            BodyOf(context).Contains("response_format", StringComparison.Ordinal)
                ? ScriptedServer.Text(422, "response_format: extra inputs are not permitted")(context)
                : Says("{\"Count\":3}")(context));

        Assert.Equal("{Count=Int32:3}", Rendering.Of((await AskAsync(server)).Value));
        Assert.Equal(4, server.Chats.Count);
    }

    [Fact]
    public async Task ShapeThatAProviderRefuses_DoesntChangeHowItIsAskedForOthers()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(context =>
            BodyOf(context).Contains("\"strict\":true", StringComparison.Ordinal) && BodyOf(context).Contains("date-time", StringComparison.Ordinal)
                ? ScriptedServer.Json("""{"error":{"message":"Invalid schema for response_format 'answer'.","type":"invalid_request_error"}}""", 400)(context)
                : Says("{\"Count\":3,\"When\":\"2026-01-31T08:00:00Z\"}")(context));
        using HeliconeClient client = Clients.Client(server.Uri);
        AnswerShape dated = AnswerShape.From(ShapeCase.Of(("Count", "int"), ("When", "datetime")));
        AnswerShape other = AnswerShape.From(ShapeCase.Of(("Count", "int"), ("When", "string")));

        foreach (AnswerShape shape in new[] { dated, dated, other })
        {
            _ = await ShapedChat.CompleteAsync(client.Chat, Clients.Ask() with { Shape = shape }, new RequestOptions(), stream: false, default);
        }

        Assert.Equal([true, false, false, true], server.Chats.Select(chat => chat.Body.Contains("\"strict\":true", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task ProviderThatRefusesAKeyword_GetsTheSchemaWithoutStrict()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(context =>
            BodyOf(context).Contains("\"strict\":true", StringComparison.Ordinal)
                ? ScriptedServer.Json("""{"error":{"message":"Invalid schema for response_format 'answer': 'date-time' is not a valid format.","type":"invalid_request_error"}}""", 400)(context)
                : Says("{\"Count\":3}")(context));

        Assert.Equal("{Count=Int32:3}", Rendering.Of((await AskAsync(server)).Value));
        Assert.Equal(2, server.Chats.Count);
        Assert.Contains("\"strict\":false", server.Chats[1].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OtherBadRequests_AreNotTriedInAnotherForm()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Text(400, "temperature is out of range"));

        HeliconeException e = await Assert.ThrowsAsync<HeliconeException>(() => AskAsync(server));

        Assert.Equal(HeliconeErrorKind.InvalidRequest, e.Kind);
        Assert.Single(server.Chats);
    }

    [Fact]
    public async Task RequestId_IsForTheFirstCall()
    {
        const string Id = "0f8fad5b-d9cb-469f-a165-70867728950e";
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Sequence(Says("no"), Says("{\"Count\":3}")));
        using HeliconeClient client = Clients.Client(server.Uri);

        _ = await ShapedChat.CompleteAsync(client.Chat, Ask(), new RequestOptions { Tags = new RequestTags { RequestId = Id } }, stream: false, default);

        Assert.Equal(Id, server.Chats[0].Headers["Helicone-Request-Id"]);
        Assert.False(server.Chats[1].Headers.ContainsKey("Helicone-Request-Id"));
    }

    [Fact]
    public async Task MessagesOfTheBody_AreFollowedUpToo()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Sequence(Says("no"), Says("{\"Count\":3}")));
        using HeliconeClient client = Clients.Client(server.Uri);
        ChatRequest request = new([])
        {
            Shape = s_shape,
            Body = new Dictionary<string, object?> { ["messages"] = new List<object> { new Dictionary<string, object?> { ["role"] = "user", ["content"] = "Mine" } }, ["top_k"] = 3 },
        };

        _ = await ShapedChat.CompleteAsync(client.Chat, request, new RequestOptions(), stream: false, default);

        using JsonDocument body = JsonDocument.Parse(server.Chats[1].Body);
        Assert.Equal(["Mine", "no"], body.RootElement.GetProperty("messages").EnumerateArray().Take(2).Select(m => m.GetProperty("content").GetString()));
        Assert.Equal(3, body.RootElement.GetProperty("messages").GetArrayLength());
        Assert.Equal(3, body.RootElement.GetProperty("top_k").GetInt32());
    }

    [Fact]
    public async Task Journal_ResumesBothCalls_AndGivesTheSameObjects()
    {
        int calls = 0;
        await using ScriptedServer server = await ScriptedServer.StartAsync(context =>
        {
            string body = BodyOf(context);
            int count = Interlocked.Increment(ref calls);
            return Says(
                body.Contains("never", StringComparison.Ordinal) ? "still no"
                : body.Contains("doesn't fit", StringComparison.Ordinal) || body.Contains("good", StringComparison.Ordinal) ? $"{{\"Count\":{count}}}"
                : "no")(context);
        });
        string[] prompts = ["good", "bad", "never", "bad", "good"];

        List<BulkResult> first = await RunAsync(server, prompts);
        int sent = server.Chats.Count;
        List<BulkResult> second = await RunAsync(server, prompts);

        // Of the item that failed, the last call is made again.
        Assert.Equal(8, sent);
        Assert.Equal(sent + 1, server.Chats.Count);
        Assert.Equal([false, false, true, false, false], first.Select(r => r.Error is not null));
        Assert.All(first.Where(r => r.Error is not null), r => Assert.Equal(HeliconeErrorKind.SchemaMismatch, r.Error!.Kind));
        Assert.Equal(first.Select(Shown), second.Select(Shown));
        Assert.Equal(4, first.Select(Shown).Where(text => text.StartsWith('{')).Distinct().Count());
    }

    [Fact]
    public async Task ErrorThreshold_CountsAnswersThatDontFit()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(Says("no"));
        using HeliconeClient client = Clients.Client(server.Uri);
        using BulkRun run = new(client.Chat, new BulkOptions { ThrottleLimit = 1, ErrorThreshold = ErrorThreshold.Parse("2") });

        List<BulkResult> results = await DrainAsync(run, ["1", "2", "3", "4", "5"]);

        Assert.IsType<ErrorThresholdException>(run.Halted);
        Assert.Equal(2, results.Count(r => r.Error is not null));
    }

    private static string Shown(BulkResult result) => result.Shaped is { } shaped ? Rendering.Of(shaped.Value) : result.Error!.Message;

    private async Task<List<BulkResult>> RunAsync(ScriptedServer server, string[] prompts)
    {
        using HeliconeClient client = Clients.Client(server.Uri);
        using BulkJournal journal = BulkJournal.Open(Path.Combine(_folder, "run.jsonl"));
        using BulkRun run = new(client.Chat, new BulkOptions { Journal = journal });
        return await DrainAsync(run, prompts);
    }

    private static async Task<List<BulkResult>> DrainAsync(BulkRun run, string[] prompts)
    {
        List<BulkResult> results = [];
        foreach (string prompt in prompts)
        {
            run.Start(Ask(prompt), new RequestOptions { Input = prompt }, default);
            while (run.IsFull)
            {
                await run.WaitAsync();
                while (run.TryTake(out Task<BulkResult> done))
                {
                    results.Add(await done);
                }
            }
        }

        while (run.Count > 0)
        {
            if (run.TryTake(out Task<BulkResult> done))
            {
                results.Add(await done);
            }
            else
            {
                await run.WaitAsync();
            }
        }

        return results;
    }

    private static ChatRequest Ask(string prompt = "Why is the sky blue?") => Clients.Ask(prompt) with { Shape = s_shape };

    private static async Task<ShapedAnswer> AskAsync(ScriptedServer server, HeliconeClient? client = null, bool stream = false)
    {
        using HeliconeClient own = Clients.Client(server.Uri);
        return await ShapedChat.CompleteAsync((client ?? own).Chat, Ask(), new RequestOptions(), stream, default);
    }

    private static string BodyOf(HttpContext context) => (string)context.Items["body"]!;

    private static RequestDelegate Says(string text, bool stream = false) => stream
        ? ScriptedServer.Events(Answers.Role, Answers.Text(text), Answers.Finish, Answers.Usage, Answers.Done)
        : ScriptedServer.Json(Answers.Whole.Replace("\"Rayleigh scattering.\"", JsonSerializer.Serialize(text), StringComparison.Ordinal));

    private static string Message(string message, string finishReason) =>
        $$"""{"id":"c","object":"chat.completion","model":"gpt-4o-mini","choices":[{"index":0,"message":{{message}},"finish_reason":"{{finishReason}}"}]}""";
}
