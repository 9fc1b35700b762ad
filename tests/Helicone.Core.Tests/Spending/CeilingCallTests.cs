using System.Globalization;
using System.Text.Json;
using Helicone.Bulk;
using Helicone.Chat;
using Helicone.Core.Tests.Servers;
using Helicone.Errors;
using Helicone.Spending;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Helicone.Core.Tests.Spending;

/// <summary>Calls under a ceiling, counted by the server: $1 for a million prompt tokens of "cheap", $10 for a million response tokens; ten times that for "dear".</summary>
public sealed class CeilingCallTests
{
    private const string Registry = """
        {"data":{"models":[
          {"id":"cheap","author":"x","contextLength":100000,"maxOutput":1000,"endpoints":[{"provider":"X","providerSlug":"x","pricing":{"prompt":1,"completion":10}}]},
          {"id":"dear","author":"x","contextLength":100000,"maxOutput":1000,"endpoints":[{"provider":"X","providerSlug":"x","pricing":{"prompt":10,"completion":100}}]},
          {"id":"priceless","author":"x","contextLength":100000,"maxOutput":1000,"endpoints":[{"provider":"X","providerSlug":"x"}]}
        ]}}
        """;

    [Fact]
    public async Task ThousandItems_AtOnce_NeverCostMoreThanTheCeiling_ByTheServersOwnCount()
    {
        decimal billed = 0;
        int answered = 0;
        object gate = new();
        await using ScriptedServer server = await StartAsync(async context =>
        {
            // Responses of different lengths, some at their limit; now and then a failure that is retried.
            int number = Interlocked.Increment(ref answered);
            int tokens = number % 5 == 0 ? 100 : number % 90;
            if (number % 17 == 0)
            {
                await ScriptedServer.Text(503, "busy")(context);
                return;
            }

            lock (gate)
            {
                billed += (10 + (10m * tokens)) / 1_000_000;
            }

            await ScriptedServer.Json(Answer("cheap", 10, tokens))(context);
        });
        using HeliconeClient client = Client(server);
        SpendingCeiling ceiling = new(0.2m);
        using BulkRun run = new(client.Chat, new BulkOptions { ThrottleLimit = 32 });
        List<BulkResult> results = [];
        for (int i = 0; i < 1_000 && run.Halted is null; i++)
        {
            // Enough retries that no item is the seventeenth with each of them.
            run.Start(Ask("cheap") with { MaxTokens = 100 }, new RequestOptions { Ceiling = ceiling, Input = i, MaxRetries = 8 }, CancellationToken.None);
            await TakeAsync(run, results, () => run.IsFull);
        }

        await TakeAsync(run, results, () => run.Count > 0);

        HeliconeException halted = Assert.IsType<HeliconeException>(run.Halted);
        Assert.Equal(HeliconeErrorKind.BudgetExceeded, halted.Kind);
        Assert.InRange(billed, 0.19m, 0.2m);
        Assert.Equal(billed, ceiling.Spent);
        Assert.Equal(0, ceiling.Reserved);
        Assert.Equal(billed, results.Sum(r => r.Completion?.Cost ?? 0));
        Assert.All(results, r => Assert.True(r.Completion is not null || r.NotSent));
    }

    [Fact]
    public async Task Chain_IsCheckedAgainstItsDearestModel_EvenIfThatIsLast()
    {
        await using ScriptedServer server = await StartAsync(ScriptedServer.Json(Answer("cheap", 10, 10)));
        using HeliconeClient client = Client(server);

        // 1,000 tokens of "dear" are $0.10, of "cheap" $0.01.
        HeliconeException refused = await Assert.ThrowsAsync<HeliconeException>(() => CompleteAsync(client, "cheap,dear", 0.05m));
        ChatCompletion alone = await CompleteAsync(client, "cheap", 0.05m);

        Assert.Equal(HeliconeErrorKind.BudgetExceeded, refused.Kind);
        Assert.Contains("up to $0.10", refused.Message, StringComparison.Ordinal);
        Assert.Contains("was not sent", refused.Message, StringComparison.Ordinal);
        Assert.Equal(0.00011m, alone.Cost);
        Assert.Single(server.Chats);
    }

    [Theory]
    [InlineData("priceless", "no price for 'priceless' at 'x'")]
    [InlineData("unheard-of", "doesn't list the model 'unheard-of'")]
    [InlineData("cheap,unheard-of", "doesn't list the model 'unheard-of'")]
    public async Task UnknownPrice_IsRefused_BeforeAnythingIsSent(string route, string reason)
    {
        await using ScriptedServer server = await StartAsync(ScriptedServer.Json(Answer("cheap", 10, 10)));
        using HeliconeClient client = Client(server);

        HeliconeException refused = await Assert.ThrowsAsync<HeliconeException>(() => CompleteAsync(client, route, 1));

        Assert.Equal(HeliconeErrorKind.PriceUnknown, refused.Kind);
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.Empty(server.Chats);
    }

    [Fact]
    public async Task PricesThatCannotBeLoaded_RefuseTheCall()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Json(Answers.Whole), ScriptedServer.Text(404, "nothing here"));
        using HeliconeClient client = Client(server);

        HeliconeException refused = await Assert.ThrowsAsync<HeliconeException>(() => CompleteAsync(client, "cheap", 1));

        Assert.Equal(HeliconeErrorKind.PriceUnknown, refused.Kind);
        Assert.StartsWith("The call is under a spending ceiling, and its highest cost isn't known. The prices can't be loaded", refused.Message, StringComparison.Ordinal);
        Assert.Empty(server.Chats);
    }

    [Fact]
    public async Task HitInHeliconesCache_IsFree()
    {
        await using ScriptedServer server = await StartAsync(ScriptedServer.Json(Answer("cheap", 10, 1_000), 200, ("Helicone-Cache", "HIT")));
        using HeliconeClient client = Client(server);
        SpendingCeiling ceiling = new(0.0101m);

        for (int i = 0; i < 3; i++)
        {
            await client.Chat.CompleteAsync(Ask("cheap"), new RequestOptions { Ceiling = ceiling });
        }

        Assert.Equal(0, ceiling.Spent);
    }

    [Fact]
    public async Task ClientsCeiling_HoldsForAllCalls_NextToTheCallsOwn()
    {
        await using ScriptedServer server = await StartAsync(ScriptedServer.Json(Answer("cheap", 10, 1_000)));
        SpendingCeiling all = new(0.0205m);
        using HeliconeClient client = new(Clients.Options(server.Uri) with { Ceiling = all });

        await CompleteAsync(client, "cheap", 0.05m);
        await client.Chat.CompleteAsync(Ask("cheap"));
        HeliconeException refused = await Assert.ThrowsAsync<HeliconeException>(() => CompleteAsync(client, "cheap", 0.05m));

        Assert.Equal(new BudgetStatus(0.0205m, 0.02002m, 0, refused.Budget!.Refused), refused.Budget);
        Assert.Equal(2, server.Chats.Count);
    }

    [Fact]
    public async Task AttemptThatMayHaveBeenPaidFor_CountsInFull_AndItsRetryNeedsRoom()
    {
        // 200, and then half a document: the provider has done the work.
        await using ScriptedServer server = await StartAsync(ScriptedServer.Json("""{"choices":[{"message":{"role":"assi"""));
        using HeliconeClient client = Client(server);
        SpendingCeiling ceiling = new(0.025m);

        HeliconeException refused = await Assert.ThrowsAsync<HeliconeException>(() => client.Chat.CompleteAsync(Ask("cheap"), new RequestOptions { Ceiling = ceiling, MaxRetries = 5 }));

        Assert.Equal(HeliconeErrorKind.BudgetExceeded, refused.Kind);
        Assert.Equal(2, server.Chats.Count);
        Assert.InRange(ceiling.Spent, 0.02m, 0.025m);
        Assert.Equal(2, refused.Attempts.Count);
        Assert.False(refused.NeverSent);
    }

    [Fact]
    public async Task Hedge_NeedsRoomForBothRequests()
    {
        await using ScriptedServer server = await StartAsync(async context =>
        {
            await Task.Delay(400, context.RequestAborted);
            await ScriptedServer.Json(Answer("cheap", 10, 1_000))(context);
        });
        using HeliconeClient client = Client(server);
        SpendingCeiling tight = new(0.015m);
        SpendingCeiling wide = new(0.05m);

        await client.Chat.CompleteAsync(Ask("cheap"), new RequestOptions { Ceiling = tight, HedgeAfter = TimeSpan.FromMilliseconds(20) });
        int withoutRoom = server.Chats.Count;
        await client.Chat.CompleteAsync(Ask("cheap"), new RequestOptions { Ceiling = wide, HedgeAfter = TimeSpan.FromMilliseconds(20) });

        Assert.Equal(1, withoutRoom);
        Assert.Equal(3, server.Chats.Count);
        Assert.Equal(0.01001m, tight.Spent);

        // The loser was canceled after it had been sent: its cost is unknown.
        Assert.InRange(wide.Spent, 0.02m, 0.021m);
    }

    [Fact]
    public async Task Stream_ThatIgnoresItsLimit_IsCutOff_AndTheTextIsKept()
    {
        TaskCompletionSource left = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ScriptedServer server = await StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            context.RequestAborted.Register(() => left.TrySetResult());
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.WriteAsync("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"word word word word \"}}]}\n\n", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        });
        using HeliconeClient client = Client(server);
        SpendingCeiling ceiling = new(0.05m);

        HeliconeException cut = await Assert.ThrowsAsync<HeliconeException>(async () =>
        {
            await foreach (ChatChunk chunk in client.Chat.Stream(Ask("cheap") with { MaxTokens = 100 }, new RequestOptions { Ceiling = ceiling }))
            {
            }
        });

        await left.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(HeliconeErrorKind.BudgetExceeded, cut.Kind);
        Assert.False(cut.IsTransient);
        Assert.StartsWith("word word", cut.PartialText, StringComparison.Ordinal);
        Assert.InRange(ceiling.Spent, 0.001m, 0.0011m);
        Assert.Equal(0, ceiling.Reserved);
    }

    [Fact]
    public async Task Stream_IsSettledByItsUsage()
    {
        await using ScriptedServer server = await StartAsync(ScriptedServer.Events(
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}],\"model\":\"cheap\"}\n\n",
            "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":2,\"total_tokens\":12}}\n\n",
            "data: [DONE]\n\n"));
        using HeliconeClient client = Client(server);
        SpendingCeiling ceiling = new(0.05m);

        await foreach (ChatChunk chunk in client.Chat.Stream(Ask("cheap"), new RequestOptions { Ceiling = ceiling }))
        {
        }

        Assert.Equal(0.00003m, ceiling.Spent);
    }

    [Fact]
    public async Task Journal_KeepsWhatWasRefusedAsNotSent_AndTheNextRunSendsIt()
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("helicone-ceiling-").FullName, "run.jsonl");
        await using ScriptedServer server = await StartAsync(ScriptedServer.Json(Answer("cheap", 10, 1_000)));
        using HeliconeClient client = Client(server);
        List<int> sent = [];
        foreach (decimal limit in new[] { 0.025m, 1m })
        {
            int before = server.Chats.Count;
            using BulkJournal journal = BulkJournal.Open(path);
            using BulkRun run = new(client.Chat, new BulkOptions { ThrottleLimit = 1, Journal = journal });
            List<BulkResult> results = [];
            SpendingCeiling ceiling = new(limit);
            for (int i = 0; i < 5 && run.Halted is null; i++)
            {
                run.Start(Ask("cheap", $"item {i}"), new RequestOptions { Ceiling = ceiling, Input = i }, CancellationToken.None);
                await TakeAsync(run, results, () => run.IsFull);
            }

            await TakeAsync(run, results, () => run.Count > 0);
            sent.Add(server.Chats.Count - before);
        }

        Assert.Equal([2, 3], sent);
    }

    [Fact]
    public async Task Hedge_WhoseLoserWasCanceled_NeverMakesItsOwnRetryWait()
    {
        int asked = 0;
        await using ScriptedServer server = await StartAsync(async context =>
        {
            if (Interlocked.Increment(ref asked) == 1)
            {
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
            }

            await ScriptedServer.Json("""{"choices":[{"message":{"role":"assi""")(context);
        });
        using HeliconeClient client = Client(server);
        SpendingCeiling ceiling = new(0.025m);

        Task<ChatCompletion> call = client.Chat.CompleteAsync(Ask("cheap"), new RequestOptions { Ceiling = ceiling, HedgeAfter = TimeSpan.FromMilliseconds(20), MaxRetries = 5 });
        HeliconeException refused = await Assert.ThrowsAsync<HeliconeException>(() => call.WaitAsync(TimeSpan.FromSeconds(20)));

        Assert.Equal(HeliconeErrorKind.BudgetExceeded, refused.Kind);
        Assert.Equal(2, server.Chats.Count);
        Assert.InRange(ceiling.Spent, 0.02m, 0.025m);
        Assert.Equal(0, ceiling.Reserved);
    }

    [Fact]
    public async Task RefusedRetry_NamesTheFailureBeforeIt_AndDoesNotSayThatNothingWasSent()
    {
        await using ScriptedServer server = await StartAsync(ScriptedServer.Json("""{"choices":[{"message":{"role":"assi"""));
        using HeliconeClient client = Client(server);

        HeliconeException refused = await Assert.ThrowsAsync<HeliconeException>(() => CompleteAsync(client, "cheap", 0.015m));

        Assert.Equal(HeliconeErrorKind.BudgetExceeded, refused.Kind);
        Assert.DoesNotContain("The call was not sent.", refused.Message, StringComparison.Ordinal);
        Assert.Contains("was not sent again", refused.Message, StringComparison.Ordinal);
        Assert.Contains("not a chat completion", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CallFromWithinAStream_IsRefusedInsteadOfWaitingForThatStream()
    {
        await using ScriptedServer server = await StartAsync(ScriptedServer.Events(
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}],\"model\":\"cheap\"}\n\n",
            "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":2,\"total_tokens\":12}}\n\n",
            "data: [DONE]\n\n"));
        FakeTimeProvider time = new(DateTimeOffset.UtcNow);
        SpendingCeiling ceiling = new(0.015m);
        using HeliconeClient client = new(Clients.Options(server.Uri) with { Ceiling = ceiling, TimeProvider = time });
        HeliconeException? refused = null;
        ChatCompletion? completion = null;

        await foreach (ChatChunk chunk in client.Chat.Stream(Ask("cheap")))
        {
            completion = chunk.Completion;
            if (refused is null)
            {
                // As a pipeline does: the stream goes on when this call has ended.
                Task<ChatCompletion> inner = client.Chat.CompleteAsync(Ask("cheap"));
                for (int i = 0; i < 60 && !inner.IsCompleted; i++)
                {
                    await Task.Delay(20);
                    time.Advance(TimeSpan.FromSeconds(1));
                }

                Assert.True(inner.IsCompleted, "The call waits for the stream, and the stream for the call.");
                refused = await Assert.ThrowsAsync<HeliconeException>(() => inner);
            }
        }

        Assert.Equal(HeliconeErrorKind.BudgetExceeded, refused!.Kind);
        Assert.Contains("is reserved for calls in flight", refused.Message, StringComparison.Ordinal);
        Assert.Equal("Hi", completion!.Content);
        Assert.Equal((0.00003m, 0m), (ceiling.Spent, ceiling.Reserved));
    }

    [Fact]
    public async Task UsageThatCountsNothing_IsAnUnknownCost_AndCountsInFull()
    {
        await using ScriptedServer server = await StartAsync(ScriptedServer.Json(Answer("cheap", 0, 0)));
        using HeliconeClient client = Client(server);
        SpendingCeiling ceiling = new(0.05m);

        ChatCompletion completion = await client.Chat.CompleteAsync(Ask("cheap"), new RequestOptions { Ceiling = ceiling });

        Assert.Null(completion.Cost);
        Assert.InRange(ceiling.Spent, 0.01m, 0.011m);
    }

    [Fact]
    public async Task Stream_ThatIgnoresItsLimitInAToolCall_IsCutOff()
    {
        await using ScriptedServer server = await StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            for (int i = 0; i < 20_000 && !context.RequestAborted.IsCancellationRequested; i++)
            {
                await context.Response.WriteAsync("data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":\"word word word word \"}}]}}]}\n\n");
            }
        });
        using HeliconeClient client = Client(server);

        HeliconeException cut = await Assert.ThrowsAsync<HeliconeException>(async () =>
        {
            await foreach (ChatChunk chunk in client.Chat.Stream(Ask("cheap") with { MaxTokens = 100 }, new RequestOptions { Ceiling = new SpendingCeiling(0.05m) }))
            {
            }
        });

        Assert.Equal(HeliconeErrorKind.BudgetExceeded, cut.Kind);
    }

    [Fact]
    public async Task HaltedRun_SendsNothingThatWaitedForTheCeiling_AndItsJournalSaysSo()
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("helicone-ceiling-").FullName, "run.jsonl");
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ScriptedServer server = await StartAsync(async context =>
        {
            if (context.Request.Headers.ContainsKey("X-Refused"))
            {
                await ScriptedServer.Text(401, "no")(context);
                return;
            }

            await go.Task;
            await ScriptedServer.Json(Answer("cheap", 10, 1))(context);
        });
        using HeliconeClient client = Client(server);
        using (BulkJournal journal = BulkJournal.Open(path))
        using (BulkRun run = new(client.Chat, new BulkOptions { ThrottleLimit = 8, Journal = journal, ErrorThreshold = ErrorThreshold.Parse("1") }))
        {
            // There is room for one answer at a time.
            SpendingCeiling ceiling = new(0.015m);
            RequestOptions options = new() { Ceiling = ceiling };
            run.Start(Ask("cheap", "item 1"), options with { Input = 1 }, CancellationToken.None);
            while (server.Chats.Count < 1)
            {
                await Task.Delay(10);
            }

            run.Start(Ask("cheap", "item 2"), options with { Input = 2 }, CancellationToken.None);
            run.Start(Ask("cheap", "item 0"), new RequestOptions { Input = 0, Headers = new Dictionary<string, string> { ["X-Refused"] = "yes" } }, CancellationToken.None);
            while (run.Halted is null)
            {
                await Task.Delay(10);
            }

            go.SetResult();
            List<BulkResult> results = [];
            await TakeAsync(run, results, () => run.Count > 0);

            Assert.True(results.Single(r => r.Input is 2).NotSent);
            Assert.NotNull(results.Single(r => r.Input is 1).Completion);
        }

        Assert.Equal(2, server.Chats.Count);
        using BulkJournal after = BulkJournal.Open(path);
        Assert.Equal((1, 0), (after.Done, after.Sent));
    }

    [Fact]
    public async Task ItemThatWaitsForTheCeilingWhenTheRunIsCanceled_IsNotInTheJournalAsSent()
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("helicone-ceiling-").FullName, "run.jsonl");
        await using ScriptedServer server = await StartAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        using HeliconeClient client = Client(server);
        using CancellationTokenSource stop = new();
        using (BulkJournal journal = BulkJournal.Open(path))
        using (BulkRun run = new(client.Chat, new BulkOptions { ThrottleLimit = 8, Journal = journal }))
        {
            RequestOptions options = new() { Ceiling = new SpendingCeiling(0.015m) };
            for (int i = 0; i < 4; i++)
            {
                run.Start(Ask("cheap", $"item {i}"), options with { Input = i }, stop.Token);
            }

            while (server.Chats.Count < 1)
            {
                await Task.Delay(10);
            }

            stop.Cancel();
            while (run.Count > 0)
            {
                if (run.TryTake(out Task<BulkResult> finished))
                {
                    await Assert.ThrowsAnyAsync<OperationCanceledException>(() => finished);
                }
                else
                {
                    await run.WaitAsync();
                }
            }
        }

        using BulkJournal after = BulkJournal.Open(path);
        Assert.Equal(1, after.Sent);
        Assert.Single(server.Chats);
    }

    [Fact]
    public async Task Estimates_AreForEachModelOfTheRoute_AndSendNothingToIt()
    {
        await using ScriptedServer server = await StartAsync(ScriptedServer.Json(Answers.Whole));
        using HeliconeClient client = Client(server);

        IReadOnlyList<CostEstimate> estimates = await client.Chat.EstimateAsync(Ask("cheap,dear,priceless"));

        Assert.Equal(["cheap", "dear", "priceless"], estimates.Select(e => e.Model));
        Assert.True(estimates[1].HighestCost > 9 * estimates[0].HighestCost);
        Assert.Null(estimates[2].HighestCost);
        Assert.Empty(server.Chats);
    }

    private static Task<ScriptedServer> StartAsync(RequestDelegate chat) => ScriptedServer.StartAsync(chat, ScriptedServer.Json(Registry));

    private static HeliconeClient Client(ScriptedServer server) => new(Clients.Options(server.Uri) with { RetryDelay = TimeSpan.FromMilliseconds(1) });

    private static ChatRequest Ask(string route, string prompt = "Hi") => Clients.Ask(prompt) with { Model = ModelRoute.Parse(route) };

    private static Task<ChatCompletion> CompleteAsync(HeliconeClient client, string route, decimal limit) =>
        client.Chat.CompleteAsync(Ask(route), new RequestOptions { Ceiling = new SpendingCeiling(limit) });

    private static string Answer(string model, int prompt, int completion) => string.Create(
        CultureInfo.InvariantCulture,
        $$$"""{"model":"{{{model}}}","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":{{{prompt}}},"completion_tokens":{{{completion}}},"total_tokens":{{{prompt + completion}}}}}""");

    private static async Task TakeAsync(BulkRun run, List<BulkResult> results, Func<bool> goesOn)
    {
        while (true)
        {
            while (run.TryTake(out Task<BulkResult> finished))
            {
                results.Add(await finished);
            }

            if (!goesOn())
            {
                return;
            }

            await run.WaitAsync();
        }
    }
}
