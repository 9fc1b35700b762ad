using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Helicone.Bulk;
using Helicone.Chat;
using Helicone.Core.Tests.Servers;
using Helicone.Errors;
using Helicone.Schemas;
using Helicone.Resilience;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Helicone.Core.Tests.Bulk;

public sealed class BulkRunTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("helicone-bulk-").FullName;

    private string JournalPath => Path.Combine(_folder, "run.jsonl");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Results_ComeInTheOrderOfTheInput_OrAsTheyFinish()
    {
        // The first prompt waits for the second to be answered, and where the second comes out first, for that as well.
        foreach (bool asCompleted in new[] { false, true })
        {
            List<BulkResult> results = [];
            TaskCompletionSource second = new(TaskCreationOptions.RunContinuationsAsynchronously);
            await using ScriptedServer server = await ScriptedServer.StartAsync(async context =>
            {
                string prompt = Prompt(context);
                if (prompt == "first")
                {
                    await second.Task;
                    while (asCompleted && results.Count == 0)
                    {
                        await Task.Delay(5, context.RequestAborted);
                    }
                }
                else
                {
                    context.Response.OnCompleted(() =>
                    {
                        second.TrySetResult();
                        return Task.CompletedTask;
                    });
                }

                await ScriptedServer.Json(Answers.Whole)(context);
            });
            using HeliconeClient client = Clients.Client(server.Uri);
            using BulkRun run = new(client.Chat, new BulkOptions { AsCompleted = asCompleted });

            await RunAsync(run, ["first", "second"], results);

            Assert.Equal(asCompleted ? ["second", "first"] : ["first", "second"], results.Select(r => r.Input));
        }
    }

    [Fact]
    public async Task Rerun_SendsOnlyWhatIsMissing()
    {
        ConcurrentDictionary<string, int> sent = new();
        bool healthy = false;
        await using ScriptedServer server = await ScriptedServer.StartAsync(context =>
        {
            string prompt = Prompt(context);
            sent.AddOrUpdate(prompt, 1, (_, n) => n + 1);
            return prompt == "b" && !healthy
                ? ScriptedServer.Json("""{"error":{"message":"broken","type":"invalid_request_error"}}""", 400)(context)
                : ScriptedServer.Json(Answers.Whole.Replace("Rayleigh scattering.", "answer to " + prompt, StringComparison.Ordinal))(context);
        });
        using HeliconeClient client = Clients.Client(server.Uri);
        string[] prompts = ["a", "b", "c", "a"];
        using (BulkJournal journal = BulkJournal.Open(JournalPath))
        using (BulkRun run = new(client.Chat, new BulkOptions { Journal = journal }))
        {
            List<BulkResult> first = await RunAsync(run, prompts);
            Assert.Equal([true, false, true, true], first.Select(r => r.Error is null));
        }

        healthy = true;
        using BulkJournal again = BulkJournal.Open(JournalPath);
        using BulkRun rerun = new(client.Chat, new BulkOptions { Journal = again });
        List<BulkResult> results = await RunAsync(rerun, [.. prompts, "d"]);

        Assert.Equal(["answer to a", "answer to b", "answer to c", "answer to a", "answer to d"], results.Select(r => r.Completion!.Content));
        Assert.Equal([true, false, true, true, false], results.Select(r => r.Completion!.FromJournal));

        // An answer of the journal continues with the prompt that it answered, like any other.
        Assert.All(results.Zip([.. prompts, "d"]), pair => Assert.Equal(
            ["user: " + pair.Second, "assistant: answer to " + pair.Second],
            pair.First.Completion!.Conversation.Messages.Select(message => message.ToString())));

        // The same prompt twice is two items, each answered once.
        Assert.Equal((2, 2, 1, 1), (sent["a"], sent["b"], sent["c"], sent["d"]));
        Assert.Equal(5, again.Done);
    }

    [Theory]
    [InlineData(ResumeMode.Retry)]
    [InlineData(ResumeMode.Skip)]
    public async Task ItemThatWasSentAndNeverAnswered_IsReported_AndSentAgainOrLeft(ResumeMode mode)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Json(Answers.Whole));
        using HeliconeClient client = Clients.Client(server.Uri);
        using BulkJournal journal = BulkJournal.Open(JournalPath);
        await journal.WriteSentAsync(new JournalKey(client.Chat.Fingerprint(Clients.Ask("a"), null), 0));
        using BulkRun run = new(client.Chat, new BulkOptions { Journal = journal, Resume = mode });

        BulkResult result = Assert.Single(await RunAsync(run, ["a"]));

        Assert.True(result.WasSentBefore);
        Assert.Equal(mode == ResumeMode.Skip, result.Skipped);
        Assert.Equal(mode == ResumeMode.Skip, result.Completion is null);
        Assert.Equal(mode == ResumeMode.Skip ? 0 : 1, server.Chats.Count);
    }

    [Fact]
    public async Task GatewayThatIsGone_StopsTheRun()
    {
        Uri nobody = FreeAddress();
        using HeliconeClient client = new(Clients.Options(nobody) with { MaxRetries = 0 });
        using BulkRun run = new(client.Chat, new BulkOptions { ThrottleLimit = 2 });

        List<BulkResult> results = await RunAsync(run, [.. Enumerable.Range(0, 1000).Select(i => "p" + i)]);

        GatewayGoneException e = Assert.IsType<GatewayGoneException>(run.Halted);
        Assert.Contains(nobody.Authority, e.Message, StringComparison.Ordinal);
        BulkResult[] failed = [.. results.Where(r => r.Error is not null)];
        Assert.InRange(failed.Length, 1, 20);
        Assert.All(failed, r => Assert.Equal(HeliconeErrorKind.Unreachable, r.Error!.Kind));
        Assert.All(results.Except(failed), r => Assert.True(r.NotSent));
    }

    [Fact]
    public async Task GatewayThatGoes_AmidManyThatSucceeded_StopsTheRunAllTheSame()
    {
        // One item has found nobody before, so that the breaker is there; then hundreds get through; then the gateway goes for good.
        Uri address = FreeAddress();
        using HeliconeClient client = new(Clients.Options(address) with { MaxRetries = 0 });
        using BulkRun run = new(client.Chat, new BulkOptions { ThrottleLimit = 4 });
        Assert.NotNull(Assert.Single(await RunAsync(run, ["nobody"])).Error);
        await using (RawServer server = new(exchange => exchange.RespondAsync(200, Answers.Whole), address.Port))
        {
            Assert.All(await RunAsync(run, [.. Enumerable.Range(0, 300).Select(i => "p" + i)]), r => Assert.NotNull(r.Completion));
        }

        List<BulkResult> results = await RunAsync(run, [.. Enumerable.Range(0, 300).Select(i => "q" + i)]);

        Assert.IsType<GatewayGoneException>(run.Halted);
        Assert.InRange(results.Count(r => r.Error is not null), 1, 20);
        Assert.All(results.Where(r => r.Error is null), r => Assert.True(r.NotSent));
    }

    [Fact]
    public async Task GatewayThatCannotWriteItsLog_StopsTheRun_WithoutARetry()
    {
        int calls = 0;
        await using ScriptedServer server = await ScriptedServer.StartAsync(context => Interlocked.Increment(ref calls) <= 5
            ? ScriptedServer.Json(Answers.Whole)(context)
            : ScriptedServer.Json("""{"success":false,"error":{"code":"log_unavailable","message":"The log 'x.db' cannot be written: the disk is full.","details":[],"param":null}}""", 507)(context));
        using HeliconeClient client = new(Clients.Options(server.Uri) with { MaxRetries = 3 });
        using BulkRun run = new(client.Chat, new BulkOptions { ThrottleLimit = 2 });

        List<BulkResult> results = await RunAsync(run, [.. Enumerable.Range(0, 45).Select(i => "p" + i)]);

        Assert.Contains("the disk is full", Assert.IsType<HeliconeException>(run.Halted).Message, StringComparison.Ordinal);
        Assert.Equal(5, results.Count(r => r.Completion is not null));
        Assert.InRange(results.Count(r => r.Error is not null), 1, 2);
        Assert.InRange(server.Chats.Count, 6, 7);
        Assert.Equal(45, results.Count);
    }

    [Theory]
    [InlineData("3", 3)]
    [InlineData("25%", 5)]
    public async Task ErrorThreshold_StopsTheRun_AndWhatIsInFlightIsGivenOut(string threshold, int failures)
    {
        // Every fourth item fails. Item 20 is the first at which a share counts, and 5 of 20 have failed by then.
        await using ScriptedServer server = await ScriptedServer.StartAsync(context => int.Parse(Prompt(context), CultureInfo.InvariantCulture) % 4 == 0
            ? ScriptedServer.Json("{}", 400)(context)
            : ScriptedServer.Json(Answers.Whole)(context));
        using HeliconeClient client = Clients.Client(server.Uri);
        using BulkRun run = new(client.Chat, new BulkOptions { ThrottleLimit = 1, ErrorThreshold = ErrorThreshold.Parse(threshold) });

        List<BulkResult> results = await RunAsync(run, [.. Enumerable.Range(1, 100).Select(i => i.ToString(CultureInfo.InvariantCulture))]);

        Assert.Equal(failures, Assert.IsType<ErrorThresholdException>(run.Halted).Failed);
        Assert.Equal(failures, results.Count(r => r.Error is not null));
        Assert.Equal(server.Chats.Count, results.Count(r => !r.NotSent));
        Assert.Equal(100, results.Count);
    }

    [Fact]
    public async Task JournalOfARunWhoseGatewayIsGone_SaysThatNothingWasSent()
    {
        using HeliconeClient client = new(Clients.Options(FreeAddress()) with { MaxRetries = 1, RetryDelay = TimeSpan.FromMilliseconds(1) });
        using BulkJournal journal = BulkJournal.Open(JournalPath);
        using BulkRun run = new(client.Chat, new BulkOptions { ThrottleLimit = 4, Journal = journal });

        List<BulkResult> results = await RunAsync(run, [.. Enumerable.Range(0, 40).Select(i => "p" + i)]);

        Assert.IsType<GatewayGoneException>(run.Halted);
        Assert.Equal(40, results.Count);
        Assert.Equal(0, journal.Sent);
    }

    [Fact]
    public async Task DiskThatIsFull_HaltsTheRun_AndWhatIsInTheJournalIsStillGivenOut()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Json(Answers.Whole));
        using HeliconeClient client = Clients.Client(server.Uri);
        using (BulkJournal first = BulkJournal.Open(JournalPath))
        using (BulkRun run = new(client.Chat, new BulkOptions { Journal = first }))
        {
            await RunAsync(run, ["a", "b"]);
        }

        FullDisk disk = new(JournalPath);
        using BulkJournal journal = BulkJournal.Open(JournalPath, TimeProvider.System, _ => disk);
        using BulkRun rerun = new(client.Chat, new BulkOptions { ThrottleLimit = 1, Journal = journal });
        disk.IsFull = true;
        List<BulkResult> results = await RunAsync(rerun, ["new", "a", "b"]).WaitAsync(TimeSpan.FromSeconds(20));

        Assert.IsType<JournalException>(rerun.Halted);
        Assert.Equal([true, false, false], results.Select(r => r.NotSent));
        Assert.Equal([false, true, true], results.Select(r => r.Completion is { FromJournal: true }));
        Assert.Equal(2, server.Chats.Count);
    }

    /// <summary>A file on a disk that at some time takes no more.</summary>
    private sealed class FullDisk(string path) : FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1)
    {
        public bool IsFull { get; set; }

        public override void Write(byte[] buffer, int offset, int count)
        {
            if (IsFull)
            {
                throw new IOException("No space left on device");
            }

            base.Write(buffer, offset, count);
        }
    }

    [Fact]
    public async Task CallThatIsCancelled_IsInTheJournal_AsSentAndUnanswered()
    {
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ScriptedServer server = await ScriptedServer.StartAsync(async context =>
        {
            asked.TrySetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        using HeliconeClient client = Clients.Client(server.Uri);
        using CancellationTokenSource stop = new();
        using (BulkJournal journal = BulkJournal.Open(JournalPath))
        using (BulkRun run = new(client.Chat, new BulkOptions { Journal = journal }))
        {
            run.Start(Clients.Ask("a"), new RequestOptions(), stop.Token);
            await asked.Task.WaitAsync(TimeSpan.FromSeconds(20));
            await stop.CancelAsync();
            await run.WaitAsync();
            Assert.True(run.TryTake(out Task<BulkResult>? taken));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => taken);
        }

        using BulkJournal again = BulkJournal.Open(JournalPath);
        Assert.Equal((1, 0, 0), (again.Sent, again.Failed, again.Done));
    }

    [Fact]
    public async Task GatewayThatComesBack_WithinTheWait_LosesNothing()
    {
        Uri address = FreeAddress();
        using HeliconeClient client = new(Clients.Options(address) with { MaxRetries = 0 });
        using BulkRun run = new(client.Chat, new BulkOptions { ThrottleLimit = 4, WaitForGateway = TimeSpan.FromSeconds(30) });
        Task<List<BulkResult>> running = RunAsync(run, [.. Enumerable.Range(0, 20).Select(i => "p" + i)]);
        await Task.Delay(1500);
        Assert.False(running.IsCompleted);

        await using RawServer server = new(exchange => exchange.RespondAsync(200, Answers.Whole), address.Port);
        List<BulkResult> results = await running;

        Assert.Equal(20, results.Count);
        Assert.All(results, r => Assert.NotNull(r.Completion));
        Assert.Equal(20, server.Requests);
    }

    [Fact]
    public async Task RateLimited_PausesTheWholeRun()
    {
        int limited = 0;
        ConcurrentQueue<long> times = new();
        await using ScriptedServer server = await ScriptedServer.StartAsync(context =>
        {
            times.Enqueue(Environment.TickCount64);
            return Interlocked.Exchange(ref limited, 1) == 0
                ? ScriptedServer.Json("{}", 429, ("Retry-After", "1"))(context)
                : ScriptedServer.Json(Answers.Whole)(context);
        });
        using HeliconeClient client = Clients.Client(server.Uri);
        using BulkRun run = new(client.Chat, new BulkOptions { ThrottleLimit = 2, RequestsPerMinute = 60_000 });
        run.Start(Clients.Ask("a"), new RequestOptions(), default);
        while (times.IsEmpty)
        {
            await Task.Delay(5);
        }

        await Task.Delay(200);
        run.Start(Clients.Ask("b"), new RequestOptions(), default);
        while (run.Count > 0)
        {
            if (run.TryTake(out Task<BulkResult> done))
            {
                Assert.NotNull((await done).Completion);
            }
            else
            {
                await run.WaitAsync();
            }
        }

        // The second item did nothing wrong, but waited for the first one's pause.
        long[] all = [.. times];
        Assert.Equal(3, all.Length);
        Assert.All(all.Skip(1), t => Assert.True(t - all[0] >= 950, $"{t - all[0]} ms after the 429"));
    }

    [Fact]
    public async Task RequestsPerMinute_SpreadsTheCalls()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Json(Answers.Whole));
        using HeliconeClient client = Clients.Client(server.Uri);
        using BulkRun run = new(client.Chat, new BulkOptions { ThrottleLimit = 32, RequestsPerMinute = 600 });
        long started = Environment.TickCount64;

        // A second's worth at once, and then one every 100 ms.
        await RunAsync(run, [.. Enumerable.Range(0, 20).Select(i => "p" + i)]);

        Assert.True(Environment.TickCount64 - started >= 800, "20 calls at 600 a minute, 10 of them at once, take a second");
    }

    [Fact]
    public async Task RequestsPerMinute_CountsRetries()
    {
        // Every item is answered at its second attempt.
        ConcurrentDictionary<string, int> attempts = new();
        await using ScriptedServer server = await ScriptedServer.StartAsync(context => attempts.AddOrUpdate(Prompt(context), 1, (_, n) => n + 1) == 1
            ? ScriptedServer.Json("{}", 503)(context)
            : ScriptedServer.Json(Answers.Whole)(context));
        using HeliconeClient client = Clients.Client(server.Uri);
        using BulkRun run = new(client.Chat, new BulkOptions { ThrottleLimit = 32, RequestsPerMinute = 600 });
        long started = Environment.TickCount64;

        List<BulkResult> results = await RunAsync(run, [.. Enumerable.Range(0, 15).Select(i => "p" + i)]);

        Assert.All(results, r => Assert.NotNull(r.Completion));
        Assert.Equal(30, server.Chats.Count);
        Assert.True(Environment.TickCount64 - started >= 1800, "30 attempts at 600 a minute, 10 of them at once, take two seconds");
    }

    [Fact]
    public async Task RequestsPerMinute_CountsHedges()
    {
        ConcurrentQueue<long> times = new();
        TaskCompletionSource second = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ScriptedServer server = await ScriptedServer.StartAsync(async context =>
        {
            times.Enqueue(Environment.TickCount64);
            if (times.Count == 1)
            {
                await second.Task.WaitAsync(context.RequestAborted);
            }

            second.TrySetResult();
            await ScriptedServer.Json(Answers.Whole)(context);
        });
        using HeliconeClient client = Clients.Client(server.Uri);
        using BulkRun run = new(client.Chat, new BulkOptions { RequestsPerMinute = 60 });

        BulkResult result = Assert.Single(await RunAsync(run, ["a"], options: new RequestOptions { HedgeAfter = TimeSpan.FromMilliseconds(50) }));

        Assert.NotNull(result.Completion);
        long[] all = [.. times];
        Assert.Equal(2, all.Length);
        Assert.True(all[1] - all[0] >= 900, $"The second attempt came after {all[1] - all[0]} ms, at 60 a minute");
    }

    [Fact]
    public async Task Hedge_ThatThePaceHoldsBack_IsNeitherSentNorInTheStory()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(async context =>
        {
            await Task.Delay(400, context.RequestAborted);
            await ScriptedServer.Json(Answers.Whole)(context);
        });
        using HeliconeClient client = Clients.Client(server.Uri);
        using BulkRun run = new(client.Chat, new BulkOptions { RequestsPerMinute = 1 });

        BulkResult result = Assert.Single(await RunAsync(run, ["a"], options: new RequestOptions { HedgeAfter = TimeSpan.FromMilliseconds(50) }));

        Assert.Single(result.Completion!.Attempts);
        Assert.Single(server.Chats);
    }

    [Fact]
    public async Task LimitThatTheWholeRunMeets_UsesUpNoItemsRetries()
    {
        // Every item is refused three times, one more than it has retries.
        ConcurrentDictionary<string, int> attempts = new();
        await using ScriptedServer server = await ScriptedServer.StartAsync(context =>
            attempts.AddOrUpdate(Prompt(context), 1, (_, n) => n + 1) <= 3
                ? ScriptedServer.Json("{}", 429, ("retry-after-ms", "50"))(context)
                : ScriptedServer.Json(Answers.Whole)(context));
        using HeliconeClient client = Clients.Client(server.Uri);
        using BulkRun run = new(client.Chat, new BulkOptions { ThrottleLimit = 64 });

        List<BulkResult> results = await RunAsync(run, [.. Enumerable.Range(0, 64).Select(i => "p" + i)]).WaitAsync(TimeSpan.FromSeconds(60));

        Assert.Equal(64, results.Count(r => r.Completion is not null));
        Assert.All(results, r => Assert.Equal(4, r.Completion!.Attempts.Count));
    }

    [Fact]
    public async Task LimitOfOneItemAlone_UsesUpItsRetries()
    {
        ConcurrentDictionary<string, int> attempts = new();
        await using ScriptedServer server = await ScriptedServer.StartAsync(context =>
        {
            attempts.AddOrUpdate(Prompt(context), 1, (_, n) => n + 1);
            return Prompt(context) == "too large"
                ? ScriptedServer.Json("{}", 429, ("retry-after-ms", "20"))(context)
                : ScriptedServer.Json(Answers.Whole)(context);
        });
        using HeliconeClient client = Clients.Client(server.Uri);
        using BulkRun run = new(client.Chat, new BulkOptions { ThrottleLimit = 4 });

        List<BulkResult> results = await RunAsync(run, [.. Enumerable.Range(0, 10).Select(i => "p" + i), "too large", .. Enumerable.Range(10, 10).Select(i => "p" + i)]).WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal(HeliconeErrorKind.RateLimited, Assert.Single(results, r => r.Error is not null).Error!.Kind);
        Assert.Equal(3, attempts["too large"]);
    }

    [Fact]
    public async Task LimitThatNeverEnds_EndsTheRun()
    {
        FakeTimeProvider time = new();
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Json("{}", 429, ("Retry-After", "30")));
        CallWaits waits = new(TimeSpan.Zero, static () => { });
        CallWaits.Current = waits;
        using HeliconeClient client = new(Clients.Options(server.Uri) with { TimeProvider = time });
        using BulkRun run = new(client.Chat, new BulkOptions { ThrottleLimit = 4, TimeProvider = time });
        DateTimeOffset started = time.GetUtcNow();

        Task<List<BulkResult>> running = RunAsync(run, [.. Enumerable.Range(0, 24).Select(i => "p" + i)]);
        long patience = Environment.TickCount64 + 60_000;
        while (!running.IsCompleted && Environment.TickCount64 < patience)
        {
            await Task.Delay(1);

            // Time passes while every call waits, and not while a busy machine works on one.
            if (run.Running > 0 && waits.Count == run.Running)
            {
                time.Advance(TimeSpan.FromSeconds(2));
            }
        }

        // For ten minutes without an answer, the first four are sent again beyond their retries; the others get their retries and no more.
        List<BulkResult> results = await running.WaitAsync(TimeSpan.FromSeconds(1));
        Assert.All(results, r => Assert.Equal(HeliconeErrorKind.RateLimited, r.Error!.Kind));
        Assert.InRange(results.Take(4).Sum(r => r.Error!.Attempts.Count), 13, 100);
        Assert.All(results.Skip(4), r => Assert.Equal(3, r.Error!.Attempts.Count));
        Assert.InRange(time.GetUtcNow() - started, TimeSpan.FromMinutes(8), TimeSpan.FromMinutes(50));
    }

    [Fact]
    public async Task WithoutRetries_ALimitIsNotWaitedFor()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Json("{}", 429, ("retry-after-ms", "20")));
        using HeliconeClient client = new(Clients.Options(server.Uri) with { MaxRetries = 0 });
        using BulkRun run = new(client.Chat, new BulkOptions { ThrottleLimit = 4 });

        List<BulkResult> results = await RunAsync(run, ["a", "b", "c", "d"]).WaitAsync(TimeSpan.FromSeconds(20));

        Assert.All(results, r => Assert.Single(r.Error!.Attempts));
    }

    [Theory]
    [InlineData(32)]
    [InlineData(1)]
    public async Task Crowd_ThatWaitsForALimit_DoesNotComeAtOnce(int refused)
    {
        // Clients without jitter arrive within milliseconds, every time. A machine that pauses for a second can cause the same with jitter
        // come together as well, but not every time.
        long spread = 0;
        for (int round = 0; round < 3 && spread < 400; round++)
        {
            spread = await SpreadOfCrowdAsync(refused);
        }

        Assert.True(spread >= 400, $"32 calls came back within {spread} ms");
    }

    private static async Task<long> SpreadOfCrowdAsync(int refused)
    {
        // Of 32 calls, all are refused and told to come back; or one is, and the others wait because it was.
        ConcurrentQueue<long> later = new();
        TaskCompletionSource told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ConcurrentDictionary<string, bool> seen = new();
        await using ScriptedServer server = await ScriptedServer.StartAsync(context =>
        {
            // The first attempt of each of the first prompts, whatever else has arrived on a slow machine meanwhile.
            string prompt = Prompt(context);
            if (int.Parse(prompt[1..], CultureInfo.InvariantCulture) < refused && seen.TryAdd(prompt, true))
            {
                return ScriptedServer.Json("{}", 429, ("Retry-After", "4"))(context);
            }

            later.Enqueue(Environment.TickCount64);
            return ScriptedServer.Json(Answers.Whole)(context);
        });
        using HeliconeClient client = Clients.Client(server.Uri);
        using BulkRun run = new(client.Chat, new BulkOptions { ThrottleLimit = 32 });
        for (int i = 0; i < refused; i++)
        {
            run.Start(Clients.Ask("p" + i), new RequestOptions { OnRetry = _ => told.TrySetResult() }, default);
        }

        await told.Task.WaitAsync(TimeSpan.FromSeconds(60));
        List<BulkResult> results = await RunAsync(run, [.. Enumerable.Range(refused, 32 - refused).Select(i => "p" + i)]).WaitAsync(TimeSpan.FromSeconds(120));

        Assert.All(results, r => Assert.NotNull(r.Completion));
        long[] times = [.. later.Order()];
        Assert.Equal(32, times.Length);
        return times[^1] - times[0];
    }

    [Fact]
    public async Task TokensPerMinute_UnusedTokensAreRefunded()
    {
        // An item is estimated at a million tokens and uses one; ten million may begin at once, and then a million a second.
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Json(Used(1)));
        using HeliconeClient client = Clients.Client(server.Uri);
        using BulkRun run = new(client.Chat, new BulkOptions { ThrottleLimit = 1, TokensPerMinute = 60_000_000 });
        long started = Environment.TickCount64;

        await RunAsync(run, [.. Enumerable.Range(0, 40).Select(i => "p" + i)], maxTokens: 1_000_000);

        Assert.True(Environment.TickCount64 - started < 25_000, "Without the refund, 40 million tokens take half a minute");
    }

    [Fact]
    public async Task TokensPerMinute_TokensBeyondTheEstimateArePaidFor()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Json(Used(3_000_000)));
        using HeliconeClient client = Clients.Client(server.Uri);
        using BulkRun run = new(client.Chat, new BulkOptions { ThrottleLimit = 1, TokensPerMinute = 60_000_000 });
        long started = Environment.TickCount64;

        await RunAsync(run, [.. Enumerable.Range(0, 5).Select(i => "p" + i)], maxTokens: 1_000_000);

        Assert.True(Environment.TickCount64 - started >= 2500, "The fifth begins when the four before it, of three million each, are paid for");
    }

    [Fact]
    public async Task TokensPerMinute_CountsRetries_AndNotWhatFailed()
    {
        ConcurrentDictionary<string, int> attempts = new();
        await using ScriptedServer server = await ScriptedServer.StartAsync(context => attempts.AddOrUpdate(Prompt(context), 1, (_, n) => n + 1) == 1
            ? ScriptedServer.Json("{}", 503)(context)
            : ScriptedServer.Json(Used(1_000_000))(context));
        using HeliconeClient client = Clients.Client(server.Uri);
        using BulkRun run = new(client.Chat, new BulkOptions { ThrottleLimit = 1, TokensPerMinute = 60_000_000 });
        long started = Environment.TickCount64;

        await RunAsync(run, [.. Enumerable.Range(0, 12).Select(i => "p" + i)], maxTokens: 1_000_000);

        // Twelve answers are two million more than may begin at once; the twelve failures cost nothing.
        Assert.InRange(Environment.TickCount64 - started, 1500, 11_000);
    }

    [Fact]
    public async Task ErrorThatIsAnAnswer_MeansThatTheGatewayIsThere()
    {
        // Three calls find nobody, one is refused, and so on: never four in a row.
        int asked = 0;
        await using RawServer server = new(exchange =>
        {
            if (Interlocked.Increment(ref asked) % 4 == 0)
            {
                return exchange.RespondAsync(400, "{}");
            }

            exchange.Close();
            return Task.CompletedTask;
        });
        using HeliconeClient client = new(Clients.Options(server.Uri) with { MaxRetries = 0 });
        using BulkRun run = new(client.Chat, new BulkOptions { ThrottleLimit = 1 });

        List<BulkResult> results = await RunAsync(run, [.. Enumerable.Range(0, 16).Select(i => "p" + i)]);

        Assert.Null(run.Halted);
        Assert.Equal(16, server.Requests);
        Assert.Equal(4, results.Count(r => r.Error!.Kind == HeliconeErrorKind.InvalidRequest));
    }

    [Fact]
    public async Task ItemOfSeveralRounds_IsAnswered_WhenTheRunIsHaltedBetweenThem()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(context => Prompt(context) == "halts"
            ? ScriptedServer.Json("""{"success":false,"error":{"code":"log_unavailable","message":"The disk is full.","details":[],"param":null}}""", 507)(context)
            : ScriptedServer.Json(Answers.Whole)(context));
        using HeliconeClient client = new(Clients.Options(server.Uri) with { MaxRetries = 0 });
        using BulkRun run = new(client.Chat, new BulkOptions { ThrottleLimit = 2 });
        bool isFirst = true;
        run.StartLoop(
            Clients.Ask("loops"),
            new RequestOptions(),
            async _ =>
            {
                if (!isFirst)
                {
                    return null;
                }

                isFirst = false;
                run.Start(Clients.Ask("halts"));
                while (run.Halted is null)
                {
                    await Task.Delay(5);
                }

                return Clients.Ask("and then");
            },
            default);

        List<BulkResult> results = await RunAsync(run, []);

        // The first round has been paid for, so the item isn't left as one that was never sent.
        Assert.NotNull(run.Halted);
        Assert.NotNull(results[0].Completion);
        Assert.Equal(3, server.Chats.Count);
    }

    [Fact]
    public async Task AnswerThatDoesNotFit_IsReportedWithItsCost_WhenTheRunIsHaltedBeforeTheSecondTry()
    {
        BulkRun? running = null;
        await using ScriptedServer server = await ScriptedServer.StartAsync(async context =>
        {
            if (Prompt(context) == "halts")
            {
                await ScriptedServer.Json("""{"success":false,"error":{"code":"log_unavailable","message":"The disk is full.","details":[],"param":null}}""", 507)(context);
                return;
            }

            while (running?.Halted is null)
            {
                await Task.Delay(5);
            }

            await ScriptedServer.Json(Answers.Whole)(context);
        });
        using HeliconeClient client = new(Clients.Options(server.Uri) with { MaxRetries = 0 });
        using BulkRun run = new(client.Chat, new BulkOptions { ThrottleLimit = 2 });
        running = run;
        run.Start(Clients.Ask("shaped") with { Shape = AnswerShape.FromJsonSchema("""{"type":"object","required":["a"]}""") });
        run.Start(Clients.Ask("halts"));

        BulkResult result = (await RunAsync(run, []))[0];

        Assert.False(result.NotSent);
        Assert.Equal(HeliconeErrorKind.SchemaMismatch, result.Error!.Kind);
        Assert.NotNull(result.Error.Completion);
        Assert.Equal(2, server.Chats.Count);
    }

    internal static Uri FreeAddress()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/");
    }

    /// <summary>An answer that used so many tokens.</summary>
    private static string Used(int tokens) => Answers.Whole.Replace("\"total_tokens\":1200", $"\"total_tokens\":{tokens}", StringComparison.Ordinal);

    private static string Prompt(HttpContext context) => (string)context.Items["prompt"]!;

    internal static async Task<List<BulkResult>> RunAsync(BulkRun run, string[] prompts, List<BulkResult>? results = null, RequestOptions? options = null, int? maxTokens = null)
    {
        results ??= [];
        foreach (string prompt in prompts)
        {
            run.Start(Clients.Ask(prompt) with { MaxTokens = maxTokens }, (options ?? new RequestOptions()) with { Input = prompt }, default);
            await DrainAsync(() => run.IsFull);
        }

        await DrainAsync(() => run.Count > 0);
        return results;

        async Task DrainAsync(Func<bool> more)
        {
            while (run.TryTake(out Task<BulkResult> ready))
            {
                results.Add(await ready);
            }

            while (more())
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
        }
    }
}
