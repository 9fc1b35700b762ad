using Microsoft.AspNetCore.Http;
using System.Text.Json;
using Helicone.Chat;
using Helicone.Core.Tests.Servers;
using Helicone.Errors;

namespace Helicone.Core.Tests.Chat;

public class StreamTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Stream_GivesTextAsItComes_AndTheWholeAnswerLast()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Events(
            Answers.Role, Answers.Text("Ray"), Answers.Text("leigh"), Answers.Finish, Answers.Usage, Answers.Done));

        List<ChatChunk> chunks = await Clients.StreamAsync(server.Uri, new RequestOptions { Input = "sky" });

        Assert.Equal(["Ray", "leigh", "", ""], chunks.Select(c => c.Text));
        Assert.All(chunks, c => Assert.Equal("11111111-1111-4111-8111-111111111111", c.RequestId));
        Assert.All(chunks.SkipLast(1), c => Assert.Null(c.Completion));
        ChatCompletion completion = chunks[^1].Completion!;
        Assert.Equal("Rayleigh", completion.Content);
        Assert.Equal("assistant", completion.Role);
        Assert.Equal("stop", completion.FinishReason);
        Assert.Equal("gpt-4o-mini", completion.Model);
        Assert.Equal(new ChatUsage(10, 4, 14), completion.Usage);
        Assert.Equal(completion.Usage, chunks[^1].Usage);
        Assert.Equal("sky", completion.Input);
        Assert.NotNull(completion.TimeToFirstToken);
        Assert.True(completion.Latency >= completion.TimeToFirstToken);
        Assert.Null(Assert.Single(completion.Attempts).Kind);
        Assert.Contains("\"stream\":true,\"stream_options\":{\"include_usage\":true}", server.Chats.Single().Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chunk_IsHandedOut_BeforeTheServerSendsTheNext()
    {
        using SemaphoreSlim seen = new(0);
        await using ScriptedServer server = await ScriptedServer.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            foreach (string text in new[] { "one", "two", "three" })
            {
                await context.Response.WriteAsync(Answers.Text(text));
                await context.Response.Body.FlushAsync();
                Assert.True(await seen.WaitAsync(s_patience));
            }

            await context.Response.WriteAsync(Answers.Finish + Answers.Done);
        });
        using HeliconeClient client = Clients.Client(server.Uri);

        List<string> texts = [];
        await foreach (ChatChunk chunk in client.Chat.Stream(Clients.Ask()))
        {
            texts.Add(chunk.Text);
            seen.Release();
        }

        Assert.Equal(["one", "two", "three", "", ""], texts);
    }

    [Fact]
    public async Task UnknownEventsAndComments_AreSkipped()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Events(
            ": keep-alive\n\n",
            "event: ping\ndata: {\"type\":\"ping\"}\n\n",
            "event: weather\ndata: not json at all\n\n",
            "data: {\"object\":\"something.new\"}\n\n",
            "id: 7\nretry: 10\n\n",
            Answers.Text("a"),
            ": another\n\n",
            Answers.Finish,
            Answers.Done));

        List<ChatChunk> chunks = await Clients.StreamAsync(server.Uri);

        Assert.Equal("a", chunks[^1].Completion!.Content);
        Assert.Equal(3, chunks.Count);
    }

    [Fact]
    public async Task ToolCalls_ArePutTogetherFromTheirPieces()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Events(
            Delta("""{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_a","type":"function","function":{"name":"get_weather","arguments":""}}]}"""),
            Delta("""{"tool_calls":[{"index":1,"id":"call_b","type":"function","function":{"name":"get_time","arguments":"{"}}]}"""),
            Delta("""{"tool_calls":[{"index":0,"function":{"arguments":"{\"city\":"}}]}"""),
            Delta("""{"tool_calls":[{"index":0,"function":{"arguments":"\"Rome\"}"}},{"index":1,"function":{"arguments":"}"},"extra_content":{"google":{"thought_signature":"sig"}}}]}"""),
            Delta("{}", "tool_calls"),
            Answers.Done));

        List<ChatChunk> chunks = await Clients.StreamAsync(server.Uri);

        ChatCompletion completion = chunks[^1].Completion!;
        Assert.Equal("tool_calls", completion.FinishReason);
        Assert.Equal(string.Empty, completion.Content);
        Assert.Equal(
            [("call_a", "get_weather", "{\"city\":\"Rome\"}"), ("call_b", "get_time", "{}")],
            completion.ToolCalls.Select(c => (c.Id!, c.Name!, c.Arguments)));
        Assert.Contains("thought_signature", completion.ToolCalls[1].ExtraContent, StringComparison.Ordinal);
        Assert.Equal("call_a", chunks[0].ToolCalls.Single().Id);
        using JsonDocument raw = JsonDocument.Parse(completion.Raw!);
        Assert.Equal("get_time", raw.RootElement.GetProperty("choices")[0].GetProperty("message").GetProperty("tool_calls")[1].GetProperty("function").GetProperty("name").GetString());
    }

    [Theory]
    [InlineData("reasoning")]
    [InlineData("reasoning_content")]
    public async Task Reasoning_ArrivesBesideTheText(string field)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Events(
            Delta($$"""{"{{field}}":"Let me "}"""), Delta($$"""{"{{field}}":"think."}"""), Answers.Text("42"), Answers.Finish, Answers.Done));

        List<ChatChunk> chunks = await Clients.StreamAsync(server.Uri);

        Assert.Equal("Let me ", chunks[0].Reasoning);
        Assert.Equal(string.Empty, chunks[0].Text);
        Assert.Equal("Let me think.", chunks[^1].Completion!.Reasoning);
        Assert.Equal("42", chunks[^1].Completion!.Content);
    }

    [Fact]
    public async Task Refusal_IsGivenOutAsItComes()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Events(
            Delta("""{"refusal":"I can"}"""), Delta("""{"refusal":"not."}"""), Answers.Finish, Answers.Done));

        List<ChatChunk> chunks = await Clients.StreamAsync(server.Uri);

        Assert.Equal("I can", chunks[0].Refusal);
        Assert.Equal("I cannot.", chunks[^1].Completion!.Refusal);
    }

    [Fact]
    public async Task RoleAlone_IsNoChunk()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Events(Answers.Role, Answers.Role, Answers.Text("x"), Answers.Finish, Answers.Done));

        List<ChatChunk> chunks = await Clients.StreamAsync(server.Uri);

        Assert.Equal("x", chunks[0].Text);
    }

    [Fact]
    public async Task Answer_WithoutAnyText_IsAnEmptyAnswerAndNotAnError()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Events(Answers.Role, Answers.Finish, Answers.Usage, Answers.Done));

        ChatCompletion completion = (await Clients.StreamAsync(server.Uri))[^1].Completion!;

        Assert.Equal(string.Empty, completion.Content);
        Assert.Equal("stop", completion.FinishReason);
        Assert.Null(completion.TimeToFirstToken);
    }

    [Fact]
    public async Task UnknownFields_AreKeptInRaw()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Events(
            "data: {\"citations\":[\"https://a.example\"],\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\",\"annotations\":[{\"n\":1}]}}]}\n\n",
            Delta("""{"annotations":[{"n":2}],"mood":"calm"}"""),
            Answers.Finish,
            "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":1,\"total_tokens\":4,\"server_tool_use\":{\"web_search_requests\":2}}}\n\n",
            Answers.Done));

        ChatCompletion completion = (await Clients.StreamAsync(server.Uri))[^1].Completion!;

        using JsonDocument raw = JsonDocument.Parse(completion.Raw!);
        JsonElement message = raw.RootElement.GetProperty("choices")[0].GetProperty("message");
        Assert.Equal([1, 2], message.GetProperty("annotations").EnumerateArray().Select(a => a.GetProperty("n").GetInt32()));
        Assert.Equal("calm", message.GetProperty("mood").GetString());
        Assert.Equal("https://a.example", raw.RootElement.GetProperty("citations")[0].GetString());
        Assert.Equal(2, raw.RootElement.GetProperty("usage").GetProperty("server_tool_use").GetProperty("web_search_requests").GetInt32());
    }

    [Fact]
    public async Task SeveralAnswers_KeepTheirIndex_AndTheFirstIsTheCompletion()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Events(
            Choice(0, "a"), Choice(1, "b"), Choice(0, "c"), Choice(1, "d"), Choice(0, null, "stop"), Choice(1, null, "length"), Answers.Done));

        List<ChatChunk> chunks = await Clients.StreamAsync(server.Uri);

        Assert.Equal("bd", string.Concat(chunks.Where(c => c.Index == 1).Select(c => c.Text)));
        Assert.Equal("ac", chunks[^1].Completion!.Content);
        Assert.Equal("stop", chunks[^1].Completion!.FinishReason);
    }

    [Fact]
    public async Task SeveralAnswers_OneOfThemCut_IsInterrupted()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Events(Choice(0, "a"), Choice(1, "b"), Choice(0, null, "stop"), Answers.Done));

        (HeliconeException e, _) = await Clients.FailStreamAsync(server.Uri);

        Assert.Equal(HeliconeErrorKind.StreamInterrupted, e.Kind);
    }

    [Fact]
    public async Task Error_BeforeAnyOutput_IsThatError()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Events(
            Answers.Role, "data: {\"error\":{\"message\":\"This model's maximum context length is 8192 tokens\",\"type\":\"invalid_request_error\",\"code\":\"context_length_exceeded\"}}\n\n", Answers.Done));

        (HeliconeException e, List<ChatChunk> chunks) = await Clients.FailStreamAsync(server.Uri);

        Assert.Empty(chunks);
        Assert.Equal(HeliconeErrorKind.ContextTooLong, e.Kind);
        Assert.Equal(400, e.StatusCode);
        Assert.Equal("11111111-1111-4111-8111-111111111111", e.RequestId);
        Assert.Single(server.Chats);
    }

    [Fact]
    public async Task TransientError_BeforeAnyOutput_IsTriedAgain()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Sequence(
            ScriptedServer.Events(Answers.Role, "data: {\"error\":{\"message\":\"Overloaded\",\"type\":\"overloaded_error\"}}\n\n"),
            ScriptedServer.Events(Answers.Text("ok"), Answers.Finish, Answers.Done)));

        ChatCompletion completion = (await Clients.StreamAsync(server.Uri))[^1].Completion!;

        Assert.Equal("ok", completion.Content);
        Assert.Equal([HeliconeErrorKind.UpstreamFailed, null], completion.Attempts.Select(a => a.Kind));
    }

    [Theory]
    [InlineData("data: {\"error\":{\"message\":\"Overloaded\",\"type\":\"overloaded_error\"}}\n\n", "Overloaded")]
    [InlineData("data: {\"error\":\"the upstream went away\"}\n\n", "the upstream went away")]
    [InlineData("event: error\ndata: {\"message\":\"the upstream went away\"}\n\n", "the upstream went away")]
    [InlineData("event: error\ndata: upstream request timeout\n\n", "upstream request timeout")]
    [InlineData("data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"error\"}]}\n\n", "finish_reason is 'error'")]
    [InlineData("data: {\"error\":{\"message\":\"gone\"},\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n", "gone")]
    public async Task Error_AfterOutput_CarriesThePartialText_AndIsNotTriedAgain(string failure, string says)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Events(Answers.Text("Once upon"), failure, Answers.Done));

        (HeliconeException e, List<ChatChunk> chunks) = await Clients.FailStreamAsync(server.Uri);

        Assert.Equal(HeliconeErrorKind.UpstreamFailed, e.Kind);
        Assert.Contains(says, e.Message, StringComparison.Ordinal);
        Assert.Equal("Once upon", e.PartialText);
        Assert.Equal("Once upon", Assert.Single(chunks).Text);
        Assert.False(e.IsTransient);
        Assert.Single(server.Chats);
        Assert.Equal(HeliconeErrorKind.UpstreamFailed, Assert.Single(e.Attempts).Kind);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stream_WithoutFinishReason_IsInterrupted_WithOrWithoutDone(bool done)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Events(Answers.Text("Once "), Answers.Text("upon"), done ? Answers.Done : string.Empty));

        (HeliconeException e, List<ChatChunk> chunks) = await Clients.FailStreamAsync(server.Uri);

        Assert.Equal(HeliconeErrorKind.StreamInterrupted, e.Kind);
        Assert.Equal("Once upon", e.PartialText);
        Assert.Contains("9 characters", e.Message, StringComparison.Ordinal);
        Assert.Equal(2, chunks.Count);
        Assert.False(e.IsTransient);
        Assert.Single(server.Chats);
        CallAttempt attempt = Assert.Single(e.Attempts);
        Assert.Equal(HeliconeErrorKind.StreamInterrupted, attempt.Kind);
    }

    /// <summary>OpenAI's audio models and Snowflake leave the finish reason out: they count the tokens when the model is done.</summary>
    [Theory]
    [InlineData("""{"content":"Rayleigh"}""")]
    [InlineData("""{"audio":{"id":"a","data":"AAAA","transcript":"Rayleigh"}}""")]
    [InlineData("""{"reasoning":"Rayleigh"}""")]
    [InlineData("""{"tool_calls":[{"index":0,"id":"c","function":{"name":"get_weather","arguments":"{}"}}]}""")]
    public async Task Stream_WithoutFinishReason_ThatEndsWithItsOnlyUsage_IsAWholeAnswer(string delta)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Events(Answers.Role, Delta(delta), Answers.Usage, Answers.Done));

        ChatCompletion completion = (await Clients.StreamAsync(server.Uri))[^1].Completion!;

        Assert.Null(completion.FinishReason);
        Assert.Equal(new ChatUsage(10, 4, 14), completion.Usage);
        Assert.Equal(delta.Contains("content", StringComparison.Ordinal) ? "Rayleigh" : string.Empty, completion.Content);
        Assert.Single(server.Chats);
    }

    [Fact]
    public async Task Stream_WithoutFinishReason_ThatCountsWithEveryEvent_IsInterrupted()
    {
        string counted = """data: {"choices":[{"index":0,"delta":{"content":"Rayleigh"}}],"usage":{"prompt_tokens":10,"completion_tokens":1,"total_tokens":11}}""" + "\n\n";
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Events(counted, Answers.Usage, Answers.Done));

        (HeliconeException e, _) = await Clients.FailStreamAsync(server.Uri);

        Assert.Equal(HeliconeErrorKind.StreamInterrupted, e.Kind);
        Assert.Equal("Rayleigh", e.PartialText);
    }

    [Fact]
    public async Task Stream_WithoutFinishReason_AndUsageInTheMiddle_IsInterrupted()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Events(Answers.Text("Ray"), Answers.Usage, Answers.Text("leigh"), Answers.Done));

        (HeliconeException e, _) = await Clients.FailStreamAsync(server.Uri);

        Assert.Equal(HeliconeErrorKind.StreamInterrupted, e.Kind);
        Assert.Equal("Rayleigh", e.PartialText);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stream_WithUsageAndNoAnswer_IsInterrupted(bool role)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Events(role ? Answers.Role : string.Empty, Answers.Usage, Answers.Done));

        (HeliconeException e, List<ChatChunk> chunks) = await Clients.FailStreamAsync(server.Uri, new RequestOptions { MaxRetries = 0 });

        Assert.Equal(HeliconeErrorKind.StreamInterrupted, e.Kind);
        Assert.True(e.IsTransient);
        Assert.Empty(chunks);
    }

    [Fact]
    public async Task EmptyFinishReason_OnEveryChunk_DoesNotMakeACutAnswerWhole()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Events(Delta("""{"content":"Once"}""", ""), Delta("""{"content":" upon"}""", ""), Answers.Done));

        (HeliconeException e, _) = await Clients.FailStreamAsync(server.Uri);

        Assert.Equal(HeliconeErrorKind.StreamInterrupted, e.Kind);
        Assert.Equal("Once upon", e.PartialText);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Connection_CutAfterText_IsInterrupted_AndNotTriedAgain(bool reset)
    {
        await using RawServer server = new(async exchange =>
        {
            await exchange.BeginEventsAsync();
            await exchange.ChunkAsync(Answers.Text("Once upon"));
            await Task.Delay(50);
            if (reset)
            {
                exchange.Reset();
            }
            else
            {
                exchange.Close();
            }
        });

        (HeliconeException e, List<ChatChunk> chunks) = await Clients.FailStreamAsync(server.Uri);

        Assert.Equal(HeliconeErrorKind.StreamInterrupted, e.Kind);
        Assert.Equal("Once upon", e.PartialText);
        Assert.Equal("Once upon", Assert.Single(chunks).Text);
        Assert.Equal(1, server.Requests);
    }

    [Fact]
    public async Task Connection_CutBeforeText_IsTriedAgain()
    {
        await using RawServer server = new(async exchange =>
        {
            await exchange.BeginEventsAsync();
            await exchange.ChunkAsync(Answers.Role);
            if (exchange.Number == 1)
            {
                exchange.Close();
                return;
            }

            await exchange.ChunkAsync(Answers.Text("whole") + Answers.Finish + Answers.Done);
            await exchange.EndAsync();
        });

        ChatCompletion completion = (await Clients.StreamAsync(server.Uri))[^1].Completion!;

        Assert.Equal("whole", completion.Content);
        Assert.Equal(2, server.Requests);
        Assert.Equal([HeliconeErrorKind.StreamInterrupted, null], completion.Attempts.Select(a => a.Kind));
    }

    [Fact]
    public async Task Connection_CutAfterTheFinishReason_IsAWholeAnswer()
    {
        await using RawServer server = new(async exchange =>
        {
            await exchange.BeginEventsAsync();
            await exchange.ChunkAsync(Answers.Text("whole") + Answers.Finish);
            exchange.Close();
        });

        ChatCompletion completion = (await Clients.StreamAsync(server.Uri))[^1].Completion!;

        Assert.Equal("whole", completion.Content);
        Assert.Null(completion.Usage);
    }

    [Fact]
    public async Task Silence_AfterTheFinishReason_IsAWholeAnswer()
    {
        await using RawServer server = new(async exchange =>
        {
            await exchange.BeginEventsAsync();
            await exchange.ChunkAsync(Answers.Text("whole") + Answers.Finish);
            await exchange.WaitForClientToLeaveAsync();
            exchange.Close();
        });

        List<ChatChunk> chunks = await Clients.StreamAsync(server.Uri, new RequestOptions { IdleTimeout = TimeSpan.FromMilliseconds(200) });

        Assert.Equal("whole", chunks[^1].Completion!.Content);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("application/vnd.api+json")]
    [InlineData("text/plain")]
    [InlineData("text/event-stream")]
    [InlineData(null)]
    public async Task WholeDocument_InAnswerToAStream_IsTheAnswer(string? contentType)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Text(200, "\ufeff" + Answers.Whole, contentType));

        List<ChatChunk> chunks = await Clients.StreamAsync(server.Uri);

        Assert.Equal("Rayleigh scattering.", chunks[0].Text);
        Assert.Equal("Rayleigh scattering.", chunks[^1].Completion!.Content);
        Assert.Equal(1200, chunks[^1].Completion!.Usage!.TotalTokens);
    }

    [Theory]
    [InlineData("text/event-stream")]
    [InlineData("text/plain")]
    [InlineData("application/octet-stream")]
    [InlineData(null)]
    public async Task Events_AreEvents_UnderWhateverType(string? contentType)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Text(200, Answers.Role + Answers.Text("x") + Answers.Finish + Answers.Done, contentType));

        Assert.Equal("x", (await Clients.StreamAsync(server.Uri))[^1].Completion!.Content);
    }

    [Theory]
    [InlineData("", "application/json")]
    [InlineData("\ufeff", "application/json")]
    [InlineData("", "text/event-stream")]
    [InlineData("", null)]
    public async Task ErrorDocument_InAnswerToAStream_IsThatError(string mark, string? contentType)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Text(200, mark + """{"error":{"message":"Incorrect API key provided","type":"authentication_error"}}""", contentType));

        (HeliconeException e, _) = await Clients.FailStreamAsync(server.Uri);

        Assert.Equal(HeliconeErrorKind.Unauthenticated, e.Kind);
        Assert.Contains("Incorrect API key", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EmptyStream_SaysSo_AndIsTriedAgain()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Events());

        (HeliconeException e, _) = await Clients.FailStreamAsync(server.Uri);

        Assert.Equal(HeliconeErrorKind.StreamInterrupted, e.Kind);
        Assert.Contains("before it brought anything", e.Message, StringComparison.Ordinal);
        Assert.Equal(3, server.Chats.Count);
        Assert.Null(e.PartialText);
    }

    [Theory]
    [InlineData("data: {\"choices\":[{\"index\":0,\n\n")]
    [InlineData("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"}}]}}\n\n")]
    [InlineData("data: <html>\n\n")]
    public async Task MalformedEvent_AfterText_IsAnErrorWithThePartialText(string broken)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Events(Answers.Text("Once"), broken, Answers.Finish, Answers.Done));

        (HeliconeException e, _) = await Clients.FailStreamAsync(server.Uri);

        Assert.Equal(HeliconeErrorKind.MalformedResponse, e.Kind);
        Assert.Equal("Once", e.PartialText);
        Assert.Single(server.Chats);
    }

    [Fact]
    public async Task Emoji_CutInHalvesAcrossChunks_IsWholeInTheAnswer()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Events(
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\\n\\ud83c\"}}]}\n\n",
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\\udf0d\\\"b\\u00e9\"}}]}\n\n",
            Answers.Finish,
            Answers.Done));

        ChatCompletion completion = (await Clients.StreamAsync(server.Uri))[^1].Completion!;

        Assert.Equal("a\n🌍\"bé", completion.Content);
    }

    [Fact]
    public async Task EachEnumeration_IsACallOfItsOwn()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Events(Answers.Text("x"), Answers.Finish, Answers.Done));
        using HeliconeClient client = Clients.Client(server.Uri);

        AsyncSequence<ChatChunk> stream = client.Chat.Stream(Clients.Ask());
        Assert.Empty(server.Chats);
        List<ChatChunk> first = await Clients.ReadAllAsync(stream);
        List<ChatChunk> second = await Clients.ReadAllAsync(stream);

        Assert.Equal(2, server.Chats.Count);
        Assert.Equal("x", first[^1].Completion!.Content);
        Assert.Equal("x", second[^1].Completion!.Content);
        Assert.Single(second[^1].Completion!.Attempts);
    }

    [Fact]
    public async Task Streams_OneAfterAnother_ShareAConnection()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Events(Answers.Text("x"), Answers.Finish, Answers.Done));
        using HeliconeClient client = Clients.Client(server.Uri);

        for (int i = 0; i < 10; i++)
        {
            await Clients.ReadAllAsync(client.Chat.Stream(Clients.Ask()));
        }

        // The registry request next to the first takes another, and a connection may still be on its way back when the next call begins.
        Assert.InRange(server.Chats.Select(c => c.ConnectionId).Distinct().Count(), 1, 4);
    }

    [Fact]
    public async Task Break_InTheMiddle_ReleasesTheConnection()
    {
        TaskCompletionSource left = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Silence(left, async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync(Answers.Text("x"));
            await context.Response.Body.FlushAsync();
        }));
        using HeliconeClient client = Clients.Client(server.Uri);

        await foreach (ChatChunk chunk in client.Chat.Stream(Clients.Ask()))
        {
            Assert.Equal("x", chunk.Text);
            break;
        }

        await left.Task.WaitAsync(s_patience);
    }

    [Fact]
    public async Task RequestThatCannotGoOnTheWire_IsRefusedWhenTheStreamIsMade()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Events(Answers.Done));
        using HeliconeClient client = Clients.Client(server.Uri);

        Assert.Throws<ArgumentException>(() => client.Chat.Stream(new ChatRequest([])));
        Assert.Throws<ArgumentException>(() => client.Chat.Stream(new ChatRequest([new ChatMessage("user", "x"), null!])));
        Assert.Throws<ArgumentNullException>(() => client.Chat.Stream(new ChatRequest(null!)));
        Assert.Throws<ArgumentNullException>(() => client.Chat.Stream(null!));
        Assert.Throws<ArgumentException>(() => client.Chat.Stream(Clients.Ask() with { Temperature = double.NaN }));

        Assert.Empty(server.Requests);
    }

    private static string Delta(string delta, string? finish = null) =>
        $"data: {{\"choices\":[{{\"index\":0,\"delta\":{delta},\"finish_reason\":{JsonSerializer.Serialize(finish)}}}]}}\n\n";

    private static string Choice(int index, string? text, string? finish = null) =>
        $"data: {{\"choices\":[{{\"index\":{index},\"delta\":{{\"content\":{JsonSerializer.Serialize(text)}}},\"finish_reason\":{JsonSerializer.Serialize(finish)}}}]}}\n\n";
}
