using System.Text.Json;
using Helicone.Chat;
using Helicone.Errors;
using Helicone.Spending;

namespace Helicone.Offline.Tests;

public sealed class RecordingTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("helicone-recording-").FullName;

    private string Recording => Path.Combine(_folder, "answers.jsonl");

    private string[] Lines => File.ReadAllLines(Recording);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Replay_GivesTheAnswer_ByteForByte_WithItsCost_AndSendsNothing()
    {
        const string Odd = "{ \"model\" : \"gpt-4o-mini\",\n \"usage\": {\"prompt_tokens\":1000,\"completion_tokens\":1000,\"total_tokens\":2000}, \"later\": [1.50, \"Gr\\u00fc\\/\u00dfe \ud83d\ude00\"],\n\t\"choices\":[{\"message\":{\"content\":\"Hi\\n\"},\"finish_reason\":\"stop\"}]}\n";
        using HeliconeClient recording = TestClients.Recording(Recording, new ScriptedHandler(_ => ScriptedHandler.Answer(Odd, headers: [("helicone-provider", "openai"), ("Helicone-Id", "11111111-2222-3333-4444-555555555555")])));
        ChatCompletion recorded = await recording.Chat.CompleteAsync(TestClients.Ask("Hi"));
        using HeliconeClient replay = TestClients.Replay(Recording);

        ChatCompletion replayed = await replay.Chat.CompleteAsync(TestClients.Ask("Hi"));

        Assert.Equal(Odd, JsonDocument.Parse(Lines[0]).RootElement.GetProperty("body").GetString());
        Assert.Equal("Hi\n", replayed.Content);
        Assert.Equal(0.008m, recorded.Cost);
        Assert.Equal(recorded.Cost, replayed.Cost);
        Assert.Equal((recorded.Provider, recorded.RequestId), (replayed.Provider, replayed.RequestId));
        Assert.Equal("openai", replayed.Provider);
    }

    [Fact]
    public async Task Replay_OfAStream_HasItsChunks()
    {
        using HeliconeClient recording = TestClients.Recording(Recording, new ScriptedHandler(_ => ScriptedHandler.Answer(ScriptedHandler.Events("One", " two", "", " \ud83d\ude00"), "text/event-stream")));
        (List<string> recorded, ChatCompletion first) = await recording.StreamAsync("Count.");
        using HeliconeClient replay = TestClients.Replay(Recording);

        (List<string> replayed, ChatCompletion second) = await replay.StreamAsync("Count.");

        Assert.Equal(recorded, replayed);
        Assert.Equal("One two \ud83d\ude00", second.Content);
        Assert.Equal(first.Cost, second.Cost);
        Assert.Equal(ScriptedHandler.Events("One", " two", "", " \ud83d\ude00"), string.Concat(JsonDocument.Parse(Lines[0]).RootElement.GetProperty("events").EnumerateArray().Select(item => item.GetString())));
    }

    [Fact]
    public async Task Replay_AnswersInAnyOrder_AndRepeatedCallsInTheirs()
    {
        using (HeliconeClient recording = TestClients.Recording(Recording, new ScriptedHandler(n => ScriptedHandler.Answer(ScriptedHandler.Completion($"Answer {n}")))))
        {
            foreach (string prompt in (string[])["a", "b", "a", "c"])
            {
                await recording.SayAsync(prompt);
            }
        }

        using HeliconeClient replay = TestClients.Replay(Recording);

        Assert.Equal("Answer 4", await replay.SayAsync("c"));
        Assert.Equal("Answer 1", await replay.SayAsync("a"));
        Assert.Equal("Answer 2", await replay.SayAsync("b"));
        Assert.Equal("Answer 3", await replay.SayAsync("a"));
        HeliconeException error = await replay.FailsAsync("a");
        Assert.Equal(HeliconeErrorKind.RecordingMissing, error.Kind);
        Assert.EndsWith("has no further answer to this request. It has 2, the last in line 3, which have already been replayed.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_ThatWasNotRecorded_IsAnError_WithTheNearestOne()
    {
        using (HeliconeClient recording = TestClients.Recording(Recording, new ScriptedHandler(_ => ScriptedHandler.Answer(ScriptedHandler.Completion("Yes.")))))
        {
            await recording.SayAsync("Translate 'cheese' to French.");
            await recording.SayAsync("Summarize the log of web-1.");
        }

        using HeliconeClient replay = TestClients.Replay(Recording);

        HeliconeException error = await replay.FailsAsync("Summarize the log of web-2.\u001b[31m");

        Assert.Equal(HeliconeErrorKind.RecordingMissing, error.Kind);
        Assert.Contains("line 2. What differs: messages[0].content was '…", error.Message, StringComparison.Ordinal);
        Assert.Contains("web-1.' and is '", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', error.Message);
        Assert.Single(error.Attempts);
    }

    [Fact]
    public async Task FieldsInAnotherOrder_AreTheSameRequest()
    {
        using (HeliconeClient recording = TestClients.Recording(Recording, new ScriptedHandler(_ => ScriptedHandler.Answer(ScriptedHandler.Completion("Yes.")))))
        {
            await recording.Chat.CompleteAsync(TestClients.Ask("Hi") with { Body = new Dictionary<string, object?> { ["a"] = 1, ["b"] = 2 } });
        }

        using HeliconeClient replay = TestClients.Replay(Recording);

        Assert.Equal("Yes.", (await replay.Chat.CompleteAsync(TestClients.Ask("Hi") with { Body = new Dictionary<string, object?> { ["b"] = 2, ["a"] = 1 } }, new RequestOptions { MaxRetries = 7 })).Content);
    }

    [Fact]
    public async Task Key_WhereverItIs_IsNotInTheRecording()
    {
        string escaped = TestClients.Key.Replace("-", "\\u002d", StringComparison.Ordinal).Replace("q", "\\u0071", StringComparison.Ordinal);
        string nested = JsonSerializer.Serialize($$"""{"k":"{{escaped}}"}""");
        string answer = $$$"""{"model":"gpt-4o-mini","choices":[{"index":0,"message":{"role":"assistant","content":"plain {{{TestClients.Key}}} and {{{escaped}}}","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":{{{nested}}}}}]},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}""";
        string[] pieces = [.. TestClients.Key.Select(c => c.ToString())];
        using (HeliconeClient recording = TestClients.Recording(Recording, new ScriptedHandler(n => n == 1
            ? ScriptedHandler.Answer(answer, headers: [("Helicone-Echo", "Bearer " + TestClients.Key), ("Set-Cookie", "session=" + TestClients.Key), ("Helicone-Long", new string('x', 9000))])
            : ScriptedHandler.Answer(ScriptedHandler.Events(["My key is ", .. pieces, ", keep it."]), "text/event-stream"))))
        {
            await recording.SayAsync($"My key is {TestClients.Key}.");
            await recording.StreamAsync($"And again {{\"key\":\"{escaped}\"}}");
        }

        string file = File.ReadAllText(Recording);
        foreach (string text in (string[])[file, Unescape(file), Unescape(Unescape(file)), Unescape(Unescape(Unescape(file)))])
        {
            foreach (string part in TestClients.Key.Split('-').Where(part => part.Length == 7).Take(3))
            {
                Assert.DoesNotContain(part, text, StringComparison.Ordinal);
            }
        }

        Assert.DoesNotContain("Set-Cookie", file, StringComparison.OrdinalIgnoreCase);
        Assert.All(Lines, line => Assert.InRange(line.Length, 1, 12_000));

        // What isn't a key is there, and the replay answers to the request that had the key.
        using HeliconeClient replay = TestClients.Replay(Recording);
        Assert.StartsWith("plain sk-helicone-…", await replay.SayAsync($"My key is {TestClients.Key}."), StringComparison.Ordinal);
        (_, ChatCompletion streamed) = await replay.StreamAsync($"And again {{\"key\":\"{escaped}\"}}");
        Assert.Equal("My key is sk-helicone-…5g7h, keep it.", streamed.Content);
    }

    [Fact]
    public async Task FailuresThatPassed_AreNotRecorded_AndTheLastOneIs()
    {
        using (HeliconeClient recording = TestClients.Recording(Recording, new ScriptedHandler(static n => n switch
        {
            1 or 3 => ScriptedHandler.Answer("Slow down.", "text/plain", 429),
            2 => ScriptedHandler.Answer(ScriptedHandler.Completion("Yes.")),
            _ => ScriptedHandler.Answer("""{"error":{"message":"Over capacity.","code":"overloaded"}}""", status: 503),
        })))
        {
            await recording.SayAsync("First");
            await recording.FailsAsync("Second");
        }

        using HeliconeClient replay = TestClients.Replay(Recording);

        Assert.Equal([200, 503], Lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("status").GetInt32()));
        Assert.Single((await replay.Chat.CompleteAsync(TestClients.Ask("First"))).Attempts);
        HeliconeException error = await replay.FailsAsync("Second");
        Assert.Equal((HeliconeErrorKind.UpstreamFailed, 503), (error.Kind, error.StatusCode));
        Assert.Contains("Over capacity", error.Message, StringComparison.Ordinal);
        Assert.Single(error.Attempts);
    }

    [Fact]
    public async Task AnswerThatBrokeOff_IsNotRecorded()
    {
        string events = ScriptedHandler.Events("One", " two");
        using (HeliconeClient recording = TestClients.Recording(Recording, new ScriptedHandler(_ => ScriptedHandler.Answer(events[..events.IndexOf("\"finish_reason\":\"stop\"", StringComparison.Ordinal)], "text/event-stream"))))
        {
            await Assert.ThrowsAsync<HeliconeException>(() => recording.StreamAsync("Count."));

            // Nobody has seen the end of this one.
            await using AsyncSequence<ChatChunk>.Enumerator chunks = recording.Chat.Stream(TestClients.Ask("Count.")).GetAsyncEnumerator();
            Assert.True(await chunks.MoveNextAsync());
        }

        Assert.Empty(Lines);
    }

    [Fact]
    public async Task UnknownCost_StaysUnknown()
    {
        using (HeliconeClient recording = TestClients.Recording(Recording, new ScriptedHandler(_ => ScriptedHandler.Answer(ScriptedHandler.Completion("Yes.").Replace("gpt-4o-mini", "unheard-of", StringComparison.Ordinal)))))
        {
            Assert.Null((await recording.Chat.CompleteAsync(TestClients.Ask("Hi", "unheard-of/azure"))).Cost);
        }

        using HeliconeClient replay = TestClients.Replay(Recording);

        Assert.Null((await replay.Chat.CompleteAsync(TestClients.Ask("Hi", "unheard-of/azure"))).Cost);
    }

    [Fact]
    public async Task RecordedCosts_CountAgainstACeiling()
    {
        using (HeliconeClient recording = TestClients.Recording(Recording, new ScriptedHandler(_ => ScriptedHandler.Answer(ScriptedHandler.Completion("Yes.")))))
        {
            await recording.Chat.CompleteAsync(TestClients.Ask("Hi") with { MaxTokens = 10 });
            await recording.Chat.CompleteAsync(TestClients.Ask("Ho") with { MaxTokens = 10 });
        }

        SpendingCeiling ceiling = new(0.01m);
        using HeliconeClient replay = TestClients.Replay(Recording, new HeliconeOptions { Ceiling = ceiling });

        await replay.Chat.CompleteAsync(TestClients.Ask("Hi") with { MaxTokens = 10 });

        Assert.Equal(0.008m, ceiling.Spent);
    }

    [Fact]
    public async Task TwoRecorders_WriteWholeLines()
    {
        static ScriptedHandler Server() => new(_ => ScriptedHandler.Answer(ScriptedHandler.Completion(new string('x', 20_000))));
        using HeliconeClient one = TestClients.Recording(Recording, Server());
        using HeliconeClient other = TestClients.Recording(Recording, Server());

        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => (i % 2 == 0 ? one : other).SayAsync($"Prompt {i}")));

        using HeliconeClient replay = TestClients.Replay(Recording);
        Assert.Equal(40, Lines.Length);
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 40).Select(i => replay.SayAsync($"Prompt {i}"))), text => Assert.Equal(20_000, text.Length));
    }

    [Fact]
    public async Task LineThatWasCutOff_IsNamedByTheReplay_AndMendedByARecorder()
    {
        static ScriptedHandler Server() => new(_ => ScriptedHandler.Answer(ScriptedHandler.Completion("Yes.")));
        using (HeliconeClient recording = TestClients.Recording(Recording, Server()))
        {
            await recording.SayAsync("a");
            await recording.SayAsync("b");
        }

        byte[] bytes = File.ReadAllBytes(Recording);
        File.WriteAllBytes(Recording, bytes[..^40]);

        RecordingException error = Assert.Throws<RecordingException>(() => TestClients.Replay(Recording));
        Assert.StartsWith($"{Recording} line 2: The line is cut off", error.Message, StringComparison.Ordinal);

        using (HeliconeClient recording = TestClients.Recording(Recording, Server()))
        {
            await recording.SayAsync("b");
        }

        using HeliconeClient replay = TestClients.Replay(Recording);
        Assert.Equal("Yes.Yes.", await replay.SayAsync("a") + await replay.SayAsync("b"));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("<<<<<<< HEAD")]
    [InlineData("{\"recording\":2,\"key\":\"k\"}")]
    [InlineData("{\"recording\":1}")]
    [InlineData("{\"recording\":1,\"key\":\"k\",\"request\":{},\"status\":99,\"headers\":{},\"body\":\"\"}")]
    [InlineData("{\"recording\":1,\"key\":\"k\",\"request\":{},\"status\":200,\"headers\":{\"a\":\"x\\r\\nEvil: 1\"},\"body\":\"\"}")]
    [InlineData("{\"recording\":1,\"key\":\"k\",\"request\":{},\"status\":200,\"headers\":{\"\\u001b[31m\":\"x\"},\"body\":\"\"}")]
    [InlineData("{\"recording\":1,\"key\":\"k\",\"request\":{},\"status\":200,\"headers\":{},\"cost\":-1,\"body\":\"\"}")]
    [InlineData("{\"recording\":1,\"key\":\"k\",\"request\":{},\"status\":200,\"headers\":{},\"events\":[1]}")]
    [InlineData("{\"recording\":1,\"key\":\"k\",\"request\":{},\"status\":200,\"headers\":{},\"bytes\":\"?\"}")]
    [InlineData("\u001b]0;evil\u0007")]
    public void LineThatIsWrong_IsNamed(string line)
    {
        File.WriteAllText(Recording, "\n" + line + "\n");

        RecordingException error = Assert.Throws<RecordingException>(() => TestClients.Replay(Recording));

        Assert.StartsWith($"{Recording} line 2: The line can't be read.", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', error.Message);
    }

    [Fact]
    public void FileThatIsNoRecording_IsNotTouched()
    {
        File.WriteAllText(Recording, "A diary\nof mine");

        RecordingException error = Assert.Throws<RecordingException>(() => TestClients.Recording(Recording, new ScriptedHandler(_ => new HttpResponseMessage())));

        Assert.Contains("is not a recording", error.Message, StringComparison.Ordinal);
        Assert.Equal("A diary\nof mine", File.ReadAllText(Recording));
        Assert.True(Assert.Throws<RecordingException>(() => TestClients.Replay(Recording + ".missing")).IsMissing);
    }

    [Fact]
    public async Task RecordingThatCanNotBeWritten_IsAnError_WithTheAnswerOnIt()
    {
        using HeliconeClient recording = TestClients.Recording(Recording, new ScriptedHandler(_ => ScriptedHandler.Answer(ScriptedHandler.Completion("Yes."))));
        File.Delete(Recording);
        Directory.CreateDirectory(Recording);

        HeliconeException error = await recording.FailsAsync("Hi");

        Assert.Equal(HeliconeErrorKind.RecordingFailed, error.Kind);
        Assert.Equal("Yes.", error.Completion!.Content);
    }

    [Fact]
    public async Task OfflineAnswers_StayOffline_WhenTheyAreReplayed()
    {
        using (HeliconeClient recording = new(new HeliconeOptions { Offline = new OfflineOptions(), RecordPath = Recording }))
        {
            await recording.SayAsync("Hi");
        }

        using HeliconeClient replay = TestClients.Replay(Recording);
        ChatCompletion answer = await replay.Chat.CompleteAsync(TestClients.Ask("Hi"));

        Assert.Equal("offline", answer.Provider);
        Assert.StartsWith("[offline]", answer.Content, StringComparison.Ordinal);
    }

    private static string Unescape(string text) => System.Text.RegularExpressions.Regex.Replace(text, @"\\(u([0-9a-fA-F]{4})|.)", match => match.Groups[2].Success ? ((char)Convert.ToInt32(match.Groups[2].Value, 16)).ToString() : match.Groups[1].Value);
}
