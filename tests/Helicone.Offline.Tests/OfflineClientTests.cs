using System.Collections;
using System.Text.Json;
using Helicone.Chat;
using Helicone.Errors;
using Helicone.Requests;

namespace Helicone.Offline.Tests;

public sealed class OfflineClientTests
{
    [Fact]
    public async Task Answer_SaysThatNoModelRan_AndCostsNothing()
    {
        using HeliconeClient client = TestClients.Offline();

        ChatCompletion answer = await client.Chat.CompleteAsync(TestClients.Ask("Why is the sky blue?"));

        Assert.StartsWith("[offline] gpt-4o-mini heard: \"Why is the sky blue?\"", answer.Content, StringComparison.Ordinal);
        Assert.Equal("offline", answer.Provider);
        Assert.Equal(0, answer.Cost);
    }

    [Fact]
    public async Task Stream_BringsTheSameAnswer_InChunks()
    {
        using HeliconeClient client = TestClients.Offline();

        (List<string> texts, ChatCompletion completion) = await client.StreamAsync("Why?");

        Assert.True(texts.Count > 10);
        Assert.Equal(await client.SayAsync("Why?"), string.Concat(texts));
        Assert.Equal(completion.Content, string.Concat(texts));
        Assert.True(completion.Usage!.CompletionTokens > 10);
    }

    [Fact]
    public async Task Scenario_AnswersWhatItIsFor_AndTheNextOfTheChainIsAsked_WhenItFails()
    {
        using HeliconeClient client = TestClients.Offline(
            """{"match":{"model":"gpt-4o"},"failure":{"status":503,"message":"Down."}}""",
            """{"match":{"prompt":{"regex":"weather in (?<city>\\w+)"}},"reply":{"text":"Sunny in {{match:city}}, says {{model}}."}}""");

        ChatCompletion answer = await client.Chat.CompleteAsync(TestClients.Ask("The weather in Oslo?", "gpt-4o,gpt-4o-mini"));
        HeliconeException alone = await client.FailsAsync("The weather in Oslo?", "gpt-4o");

        Assert.Equal("Sunny in Oslo, says gpt-4o-mini.", answer.Content);
        Assert.Equal(HeliconeErrorKind.UpstreamFailed, alone.Kind);
        Assert.Equal(503, alone.StatusCode);
        Assert.Equal(3, alone.Attempts.Count);
    }

    [Fact]
    public async Task Envelope_ThatPasses_IsRetried()
    {
        using HeliconeClient client = TestClients.Offline("""{"times":1,"envelope":{"status":429,"body":"Slow down.","headers":{"Retry-After":"0"}}}""");

        ChatCompletion answer = await client.Chat.CompleteAsync(TestClients.Ask("Hi"));

        Assert.Equal(2, answer.Attempts.Count);
    }

    [Fact]
    public async Task Delay_EndsWithTheToken()
    {
        using HeliconeClient client = TestClients.Offline("""{"latency":"1h","reply":{"text":"Too late."}}""");
        using CancellationTokenSource stop = new();

        Task<ChatCompletion> answer = client.Chat.CompleteAsync(TestClients.Ask("Hi"), null, stop.Token);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
    }

    [Fact]
    public async Task PauseBetweenChunks_EndsWithTheToken()
    {
        using HeliconeClient client = TestClients.Offline("""{"reply":{"text":"One two three.","chunkPace":"1h"}}""");
        using CancellationTokenSource stop = new();
        await using AsyncSequence<ChatChunk>.Enumerator chunks = client.Chat.Stream(TestClients.Ask("Hi")).GetAsyncEnumerator(stop.Token);

        Task<bool> first = chunks.MoveNextAsync().AsTask();
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
    }

    [Fact]
    public async Task CutStream_IsNeverPassedOffAsAnAnswer()
    {
        using HeliconeClient client = TestClients.Offline("""{"reply":{"text":"One two three.","cutAfterChunks":3}}""");

        HeliconeException error = await Assert.ThrowsAsync<HeliconeException>(() => client.StreamAsync("Hi"));

        Assert.Equal(HeliconeErrorKind.StreamInterrupted, error.Kind);
        Assert.Equal("One two", error.PartialText);
    }

    [Fact]
    public async Task Prices_WhenAScenarioFileSaysSo_AreOnTheAnswer()
    {
        using HeliconeClient client = TestClients.Offline("""{"offline":{"prices":true},"scenarios":[{"match":{"prompt":"hi"},"reply":{"text":"Hello."}}]}""");

        ChatCompletion answer = await client.Chat.CompleteAsync(TestClients.Ask("hi"));

        Assert.True(answer.Cost > 0);
        Assert.Equal("Hello.", answer.Content);
    }

    [Fact]
    public async Task Log_IsNotThere_AndTheErrorSaysSo()
    {
        using HeliconeClient client = TestClients.Offline();

        HeliconeException requests = await Assert.ThrowsAsync<HeliconeException>(() => client.Requests.GetAsync("x"));
        HeliconeException dashboard = await Assert.ThrowsAsync<HeliconeException>(() => client.Dashboard.GetPageAsync());
        HeliconeException feedback = await Assert.ThrowsAsync<HeliconeException>(() => client.Requests.SetFeedbackAsync("x", true));

        Assert.All([requests, dashboard, feedback], error => Assert.Equal(HeliconeErrorKind.NotAvailableOffline, error.Kind));
        Assert.StartsWith("The log of requests isn't available", requests.Message, StringComparison.Ordinal);
        Assert.Single(requests.Attempts);
    }

    [Fact]
    public async Task Check_Passes_WithoutAKey()
    {
        using HeliconeClient client = TestClients.Offline();

        Assert.True((await client.CheckAsync()).Ok);
    }

    [Fact]
    public async Task UnknownModel_Fails_UnlessItHasAProviderOrAScenario()
    {
        using HeliconeClient client = TestClients.Offline("""{"match":{"model":"our-*"},"reply":{"text":"Ours."}}""");

        Assert.Equal(HeliconeErrorKind.ModelNotFound, (await client.FailsAsync("Hi", "gpt-4o-minni")).Kind);
        Assert.Equal("Ours.", (await client.Chat.CompleteAsync(TestClients.Ask("Hi", "our-model"))).Content);
        Assert.StartsWith("[offline] theirs heard", (await client.Chat.CompleteAsync(TestClients.Ask("Hi", "theirs/azure"))).Content, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\n  \"match\": { \"promt\": \"x\" },\n  \"reply\": { \"text\": \"y\" }\n}", "line 2, column 23: There is no 'promt' in match")]
    [InlineData("[{\n  \"reply\": { \"text\": \"{{nothing}}\" }\n}]", "line 2, column 22: [0].reply.text: There is nothing to put in place of '{{nothing}}'")]
    [InlineData("{ \"reply\": ", "line 1, column")]
    [InlineData("{ \"\\u001b[31m\": 1, \"reply\": { \"text\": \"y\" } }", "␛[31m")]
    public void ScenarioThatIsWrong_IsRefused_ByFileLineAndColumn(string json, string expected)
    {
        string path = Path.GetTempFileName();
        File.WriteAllText(path, json);
        try
        {
            ScenarioException error = Assert.Throws<ScenarioException>(() => new HeliconeClient(new HeliconeOptions { Offline = new OfflineOptions { Scenarios = [ScenarioSource.FromFile(path)] } }));

            Assert.Contains(expected, error.Message, StringComparison.Ordinal);
            Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\u001b', error.Message);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void HashtableThatIsWrong_IsRefused_ByItsPath()
    {
        Hashtable scenario = new() { ["reply"] = new Hashtable { ["text"] = 5 } };

        ScenarioException error = Assert.Throws<ScenarioException>(() => new HeliconeClient(new HeliconeOptions { Offline = new OfflineOptions { Scenarios = [ScenarioSource.FromDictionary(scenario, "-Scenario[0]")] } }));

        Assert.Equal("-Scenario[0]: reply.text must be text.", error.Message);
    }

    [Fact]
    public void ImagesOfAToolResult_AreNoTurnOfTheUser()
    {
        const string Body = """{"model":"m","messages":[{"role":"user","content":"Look at it."},{"role":"assistant","content":null,"tool_calls":[]},{"role":"tool","tool_call_id":"1","content":"a picture"},{"role":"user","name":"tool_output","content":[{"type":"text","text":"The images of the result."},{"type":"image_url","image_url":{"url":"data:,"}}]}]}""";
        byte[] json = System.Text.Encoding.UTF8.GetBytes(Body);
        using JsonDocument document = JsonDocument.Parse(json);

        OfflineRequest request = OfflineRequest.Parse("id", "m", false, _ => null, json, document.RootElement);

        Assert.Equal("Look at it.", request.Heard);
        Assert.Equal("Look at it.", request.HeardStart);
        Assert.Equal(2, request.Turn);
        Assert.Equal([("Look at it.", 1)], request.Prompts());
        Assert.Equal(["a picture"], request.ToolResults);
    }
}
