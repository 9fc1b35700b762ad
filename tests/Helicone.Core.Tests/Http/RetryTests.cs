using System.Collections.Concurrent;
using Helicone.Chat;
using Helicone.Core.Tests.Servers;
using Helicone.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Helicone.Core.Tests.Http;

public class RetryTests
{
    [Theory]
    [InlineData(400, 1)]
    [InlineData(401, 1)]
    [InlineData(402, 1)]
    [InlineData(403, 1)]
    [InlineData(404, 1)]
    [InlineData(413, 1)]
    [InlineData(422, 1)]
    [InlineData(501, 1)]
    [InlineData(408, 3)]
    [InlineData(409, 3)]
    [InlineData(429, 3)]
    [InlineData(500, 3)]
    [InlineData(502, 3)]
    [InlineData(503, 3)]
    [InlineData(504, 3)]
    [InlineData(529, 3)]
    public async Task OnlyWhatCanPass_IsTriedAgain(int status, int requests)
    {
        await using RawServer server = new(exchange => exchange.RespondAsync(status, "{}"));

        HeliconeException blocking = await Clients.FailAsync(server.Uri);
        Assert.Equal(requests, server.Requests);

        (HeliconeException streamed, _) = await Clients.FailStreamAsync(server.Uri);
        Assert.Equal(requests * 2, server.Requests);

        Assert.Equal(blocking.Kind, streamed.Kind);
        Assert.Equal(requests, blocking.Attempts.Count);
        Assert.Equal(requests, streamed.Attempts.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    public async Task HowOften_IsWhatTheCallSays(int retries)
    {
        await using RawServer server = new(exchange => exchange.RespondAsync(503, "{}"));

        HeliconeException e = await Clients.FailAsync(server.Uri, new RequestOptions { MaxRetries = retries });

        Assert.Equal(retries + 1, server.Requests);
        Assert.Equal(Enumerable.Range(1, retries + 1), e.Attempts.Select(a => a.Number));
    }

    [Fact]
    public async Task Attempts_TellTheStory()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Sequence(
            ScriptedServer.Text(503, Answers.Envelope("request_failed", "no", ("request_failed", 529, "m/p/ptb", "Overloaded"))),
            ScriptedServer.Text(429, "slow down", "text/plain", ("retry-after-ms", "20")),
            ScriptedServer.Json(Answers.Whole)));
        List<string> told = [];
        DateTimeOffset before = DateTimeOffset.UtcNow;

        ChatCompletion completion = await Clients.CompleteAsync(server.Uri, new RequestOptions { OnRetry = a => told.Add($"{a.Number} {a.Kind} {a.Wait is not null} after {server.Chats.Count}") });

        Assert.Equal(["1 UpstreamFailed True after 1", "2 RateLimited True after 2"], told);
        Assert.Equal([(1, 529, (HeliconeErrorKind?)HeliconeErrorKind.UpstreamFailed), (2, 429, HeliconeErrorKind.RateLimited), (3, 200, null)], completion.Attempts.Select(a => (a.Number, a.StatusCode!.Value, a.Kind)));
        Assert.InRange(completion.Attempts[1].Wait!.Value, TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(25));
        Assert.Null(completion.Attempts[2].Wait);
        Assert.Equal("m/p/ptb", completion.Attempts[0].Upstream.Single().Source);
        Assert.All(completion.Attempts, a => Assert.InRange(a.StartedAt, before, DateTimeOffset.UtcNow));
        Assert.All(completion.Attempts, a => Assert.True(a.Duration > TimeSpan.Zero));
        Assert.True(completion.Latency >= completion.Attempts.Aggregate(TimeSpan.Zero, (sum, a) => sum + a.Duration));
        Assert.Matches(@"^#2 RateLimited \(429\) after \d+ ms, waited 0\.0 s$", completion.Attempts[1].ToString());
    }

    [Fact]
    public async Task Backoff_StaysWithinItsBounds_AndGrows()
    {
        FakeTimeProvider time = new();
        await using RawServer server = new(exchange => exchange.RespondAsync(503, "{}"));
        ConcurrentBag<CallAttempt[]> runs = [];

        for (int i = 0; i < 20; i++)
        {
            Task<HeliconeException> call = Clients.FailAsync(server.Uri, new RequestOptions { MaxRetries = 6 }, o => o with { TimeProvider = time, RetryDelay = TimeSpan.FromSeconds(0.5), MaxRetryDelay = TimeSpan.FromSeconds(8) });
            runs.Add([.. (await AdvanceUntilAsync(time, call, TimeSpan.FromMilliseconds(500))).Attempts]);
        }

        Assert.All(runs, attempts =>
        {
            Assert.Equal(7, attempts.Length);
            Assert.All(attempts.SkipLast(1), a => Assert.InRange(a.Wait!.Value, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(8)));
            Assert.Null(attempts[^1].Wait);
        });
        Assert.True(runs.Select(r => r[0].Wait).Distinct().Count() > 1, "Without jitter every client comes back at the same moment.");
        Assert.InRange(runs.Average(r => r[0].Wait!.Value.TotalSeconds), 0.1, 1.5);
        Assert.True(runs.Average(r => r[4].Wait!.Value.TotalSeconds) > 2 * runs.Average(r => r[0].Wait!.Value.TotalSeconds));
    }

    [Fact]
    public async Task RetryAfter_OfAMinute_IsWaitedFor()
    {
        FakeTimeProvider time = new();
        ConcurrentQueue<DateTimeOffset> arrivals = [];
        await using RawServer server = new(exchange =>
        {
            arrivals.Enqueue(time.GetUtcNow());
            return exchange.Number == 1 ? exchange.RespondAsync(429, "{}", "application/json", "Retry-After: 60") : exchange.RespondAsync(200, Answers.Whole);
        });

        Task<ChatCompletion> call = Clients.CompleteAsync(server.Uri, null, o => o with { TimeProvider = time });
        ChatCompletion completion = await AdvanceUntilAsync(time, call, TimeSpan.FromSeconds(1));

        Assert.InRange(completion.Attempts[0].Wait!.Value, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(75));
        Assert.True(arrivals.Last() - arrivals.First() >= TimeSpan.FromSeconds(60));
    }

    [Theory]
    [InlineData("Retry-After: 5", 5)]
    [InlineData("retry-after-ms: 5000", 5)]
    [InlineData("Helicone-RateLimit-Reset: 5", 5)]
    [InlineData("Retry-After: 60", 60)]
    public async Task Crowd_ThatIsToldWhenToComeBack_IsSpreadOut(string header, int seconds)
    {
        FakeTimeProvider time = new();
        await using RawServer server = new(exchange => exchange.Number <= 32
            ? exchange.RespondAsync(429, "{}", "application/json", header)
            : exchange.RespondAsync(200, Answers.Whole));
        using HeliconeClient client = new(Clients.Options(server.Uri) with { TimeProvider = time });

        Task<ChatCompletion[]> calls = Task.WhenAll(Enumerable.Range(0, 32).Select(_ => client.Chat.CompleteAsync(Clients.Ask(), new RequestOptions { TotalTimeout = TimeSpan.FromHours(1) }, default)));
        ChatCompletion[] completions = await AdvanceUntilAsync(time, calls, TimeSpan.FromMilliseconds(50));

        double[] waits = [.. completions.Select(c => c.Attempts[0].Wait!.Value.TotalSeconds)];
        Assert.All(waits, wait => Assert.InRange(wait, seconds, seconds * 1.25));
        Assert.True(waits.Max() - waits.Min() > seconds * 0.1, $"All came back within {waits.Max() - waits.Min():0.000} s");
    }

    [Fact]
    public async Task Jitter_DoesNotUseUpTheTimeThatIsLeft()
    {
        FakeTimeProvider time = new();
        await using RawServer server = new(exchange => exchange.Number <= 20
            ? exchange.RespondAsync(429, "{}", "application/json", "Retry-After: 50")
            : exchange.RespondAsync(200, Answers.Whole));
        using HeliconeClient client = new(Clients.Options(server.Uri) with { TimeProvider = time });

        Task<ChatCompletion[]> calls = Task.WhenAll(Enumerable.Range(0, 20).Select(_ => client.Chat.CompleteAsync(Clients.Ask(), new RequestOptions { TotalTimeout = TimeSpan.FromSeconds(52) }, default)));
        ChatCompletion[] completions = await AdvanceUntilAsync(time, calls, TimeSpan.FromMilliseconds(50));

        Assert.All(completions, c => Assert.InRange(c.Attempts[0].Wait!.Value.TotalSeconds, 50, 51));
    }

    [Fact]
    public async Task RetryAfter_OfZero_GetsTheClientsOwnWait()
    {
        FakeTimeProvider time = new();
        await using RawServer server = new(exchange => exchange.RespondAsync(503, "{}", "application/json", "Retry-After: 0"));

        HeliconeException e = await AdvanceUntilAsync(time, Clients.FailAsync(server.Uri, null, o => o with { TimeProvider = time, RetryDelay = TimeSpan.FromSeconds(2) }), TimeSpan.FromSeconds(1));

        Assert.All(e.Attempts.SkipLast(1), a => Assert.True(a.Wait > TimeSpan.Zero));
    }

    [Fact]
    public async Task ServerSideRetries_AreNotMultiplied()
    {
        await using RawServer server = new(exchange => exchange.RespondAsync(503, "{}"));

        await Clients.FailAsync(server.Uri, new RequestOptions { Headers = new Dictionary<string, string> { ["helicone-retry-enabled"] = "true", ["helicone-retry-num"] = "3" } });

        Assert.Equal(1, server.Requests);
    }

    [Fact]
    public async Task ServerSideRetries_DoNotCoverAConnectionThatBroke()
    {
        await using RawServer server = new(exchange =>
        {
            if (exchange.Number == 1)
            {
                exchange.Close();
                return Task.CompletedTask;
            }

            return exchange.RespondAsync(200, Answers.Whole);
        });

        ChatCompletion completion = await Clients.CompleteAsync(server.Uri, new RequestOptions { Headers = new Dictionary<string, string> { ["Helicone-Retry-Enabled"] = "true" } });

        Assert.Equal(2, server.Requests);
        Assert.Equal(HeliconeErrorKind.Unreachable, completion.Attempts[0].Kind);
    }

    [Fact]
    public async Task Retry_AfterTheFirstChunk_IsNeverAttempted()
    {
        // A reset discards what the client has not read yet: it comes when the chunk is out.
        TaskCompletionSource seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using RawServer server = new(async exchange =>
        {
            await exchange.BeginEventsAsync();
            await exchange.ChunkAsync(Answers.Text("x"));
            await seen.Task;
            exchange.Reset();
        });
        using HeliconeClient client = Clients.Client(server.Uri);

        HeliconeException e = await Assert.ThrowsAsync<HeliconeException>(async () =>
        {
            await foreach (ChatChunk chunk in client.Chat.Stream(Clients.Ask(), new RequestOptions { MaxRetries = 5 }))
            {
                Assert.Equal("x", chunk.Text);
                seen.SetResult();
            }
        });

        Assert.Equal(1, server.Requests);
        Assert.False(e.IsTransient);
        Assert.Single(e.Attempts);
    }

    [Fact]
    public async Task TotalTimeout_EndsTheWaitForARetry_AndSaysWhatCameBefore()
    {
        await using RawServer server = new(exchange => exchange.RespondAsync(503, """{"error":"Down for maintenance"}"""));

        HeliconeException e = await Clients.FailAsync(server.Uri, new RequestOptions { TotalTimeout = TimeSpan.FromSeconds(2) }, o => o with { RetryDelay = TimeSpan.FromHours(1), MaxRetryDelay = TimeSpan.FromHours(1) })
            .WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal((HeliconeErrorKind.TimedOut, TimeoutPhase.Total), (e.Kind, e.TimeoutPhase));
        Assert.Contains("Down for maintenance", e.Message, StringComparison.Ordinal);
        Assert.False(e.IsTransient);
        Assert.Equal(1, server.Requests);
        CallAttempt attempt = Assert.Single(e.Attempts);
        Assert.Equal(HeliconeErrorKind.UpstreamFailed, attempt.Kind);
        Assert.NotNull(attempt.Wait);
    }

    [Fact]
    public async Task Request_IsTheSameEveryTime()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Sequence(ScriptedServer.Text(500, "x"), ScriptedServer.Text(500, "x"), ScriptedServer.Json(Answers.Whole)));

        await Clients.CompleteAsync(server.Uri, new RequestOptions { Session = new Helicone.Attribution.HeliconeSession("s") });

        Assert.Equal(3, server.Chats.Count);
        Assert.Single(server.Chats.Select(c => c.Body).Distinct());
        Assert.Single(server.Chats.Select(c => string.Join("\n", c.Headers.Select(h => h.Key + h.Value))).Distinct());
    }

    [Fact]
    public async Task OnRetry_OfAStream_IsToldBeforeTheFirstChunk()
    {
        await using RawServer server = new(async exchange =>
        {
            if (exchange.Number == 1)
            {
                await exchange.RespondAsync(503, "{}");
                return;
            }

            await exchange.BeginEventsAsync();
            await exchange.ChunkAsync(Answers.Text("x") + Answers.Finish + Answers.Done);
            await exchange.EndAsync();
        });
        using HeliconeClient client = Clients.Client(server.Uri);
        List<string> story = [];

        await foreach (ChatChunk chunk in client.Chat.Stream(Clients.Ask(), new RequestOptions { OnRetry = a => story.Add($"retry {a.Number}") }))
        {
            story.Add(chunk.Completion is null ? chunk.Text : "done");
        }

        Assert.Equal(["retry 1", "x", "", "done"], story);
    }

    [Theory]
    [InlineData(-1, 1, 1, 1)]
    [InlineData(21, 1, 1, 1)]
    [InlineData(1, -1, 1, 1)]
    [InlineData(1, 1, -1, 1)]
    [InlineData(1, 1, 1, -1)]
    public void Options_OutOfRange_AreRefusedAtTheDoor(int retries, int delay, int maxDelay, int maxAfter)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new HeliconeClient(new HeliconeOptions
        {
            MaxRetries = retries,
            RetryDelay = TimeSpan.FromSeconds(delay),
            MaxRetryDelay = TimeSpan.FromSeconds(maxDelay),
            MaxRetryAfter = TimeSpan.FromSeconds(maxAfter),
        }));
    }

    [Fact]
    public async Task OptionsOfACall_OutOfRange_AreRefusedBeforeAnythingIsSent()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Json(Answers.Whole));
        using HeliconeClient client = Clients.Client(server.Uri);

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => client.Chat.CompleteAsync(Clients.Ask(), new RequestOptions { MaxRetries = 21 }, default));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => client.Chat.CompleteAsync(Clients.Ask(), new RequestOptions { TotalTimeout = TimeSpan.Zero }, default));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Clients.ReadAllAsync(client.Chat.Stream(Clients.Ask(), new RequestOptions { IdleTimeout = TimeSpan.FromDays(2) })));

        Assert.Empty(server.Requests);
    }

    /// <summary>Advances fake time until a call has ended, for 20 real seconds at most.</summary>
    private static async Task<T> AdvanceUntilAsync<T>(FakeTimeProvider time, Task<T> call, TimeSpan step)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(20));
        while (!call.IsCompleted)
        {
            await Task.Delay(1, patience.Token);
            time.Advance(step);
        }

        return await call;
    }
}
