using Helicone.Bulk;
using Helicone.Chat;
using Helicone.Core.Tests.Servers;
using Helicone.Errors;
using Microsoft.Extensions.Time.Testing;

namespace Helicone.Core.Tests.Faults;

/// <summary>One fault in one mode: a server that does it, a client that meets it, and everything that must hold afterwards.</summary>
internal sealed class FaultCell(Fault fault, FaultMode mode)
{
    private const string Faulty = "Why is the sky blue?";
    private const string Healthy = "And the sea?";

    // Elsewhere, and good: what goes over the gateway's connections are the chats alone.
    private const string Registry = """{"models":[{"id":"gpt-4o-mini","endpoints":[{"providerSlug":"openai","pricing":{"prompt":1,"completion":1}}]}]}""";

    // Nothing here takes a second. Only a hang may reach this, however busy the machine is.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private readonly Expectation _expected = fault.In(mode);
    private readonly FakeTimeProvider? _time = fault.TimeIsFaked ? new FakeTimeProvider(FaultTable.Now) : null;
    private readonly TaskCompletionSource _seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<CallAttempt> _told = [];
    private int _attempts;

    internal async Task RunAsync()
    {
        await using RawServer registry = new(_ => Task.CompletedTask, registry: Registry);
        await using RawServer server = new(AnswerAsync, listen: !fault.Refused, greet: fault.Greet);
        HeliconeOptions options = fault.Client(Clients.Options(fault.Address(server.Uri)) with
        {
            ApiUri = registry.Uri,
            TimeProvider = _time ?? TimeProvider.System,
        });
        using HttpMessageHandler? handler = fault.TellsOfHeaders ? new HeadersSeen(_seen) : null;
        using HeliconeClient client = new(options with { Handler = handler });
        if (fault.AfterACall)
        {
            await AskAgainAsync(client);
        }

        await WithTimeAsync(server, MeetAsync(client)).WaitAsync(s_patience);
        Assert.Equal(_expected.Requests ?? (fault.IsUnreachable ? 0 : _expected.Attempts), _attempts);
        await AssertReleasedAsync(server, client);
    }

    private Task MeetAsync(HeliconeClient client) => mode switch
    {
        FaultMode.Stream => StreamAsync(client),
        FaultMode.Bulk => BulkAsync(client),
        _ => CompleteAsync(client),
    };

    private RequestOptions Options => fault.Call(new RequestOptions { OnRetry = Told, Input = Faulty });

    private async Task CompleteAsync(HeliconeClient client)
    {
        if (_expected.Kind is null)
        {
            AssertWhole(await client.Chat.CompleteAsync(Clients.Ask(Faulty), Options, default));
        }
        else
        {
            AssertFailed(await Assert.ThrowsAsync<HeliconeException>(() => client.Chat.CompleteAsync(Clients.Ask(Faulty), Options, default)));
        }
    }

    private async Task StreamAsync(HeliconeClient client)
    {
        List<ChatChunk> chunks = [];
        HeliconeException? error = null;
        try
        {
            await foreach (ChatChunk chunk in client.Chat.Stream(Clients.Ask(Faulty), Options))
            {
                chunks.Add(chunk);
                _seen.TrySetResult();
            }
        }
        catch (HeliconeException e)
        {
            error = e;
        }

        string text = string.Concat(chunks.Select(c => c.Text));
        if (error is null)
        {
            Assert.Null(_expected.Kind);
            Assert.Equal(FaultExchange.Answer, text);
            Assert.All(chunks.SkipLast(1), c => Assert.Null(c.Completion));
            AssertWhole(Assert.IsType<ChatCompletion>(chunks[^1].Completion));
            return;
        }

        // The error reports exactly the output that was returned, and nothing is reported as complete.
        AssertFailed(error);
        Assert.All(chunks, c => Assert.Null(c.Completion));
        Assert.Equal(error.PartialText ?? string.Empty, text);
    }

    private async Task BulkAsync(HeliconeClient client)
    {
        using BulkRun run = new(client.Chat, new BulkOptions { ThrottleLimit = 2, TimeProvider = _time ?? TimeProvider.System });
        List<BulkResult> results = [];
        foreach (string prompt in new[] { Healthy, Faulty, Healthy })
        {
            run.Start(Clients.Ask(prompt), prompt == Faulty ? Options : new RequestOptions { Input = prompt }, default);
            await DrainAsync(() => run.IsFull);
        }

        await DrainAsync(() => run.Count > 0);
        Assert.Equal([Healthy, Faulty, Healthy], results.Select(r => r.Input));
        AssertBulk(results[1]);

        // One item's fault is that item's alone.
        Assert.All([results[0], results[2]], r => Assert.Equal(fault.IsUnreachable, r.Completion is null));
        Assert.All([results[0], results[2]], r => Assert.Equal(fault.IsUnreachable, r.Error is not null));

        async Task DrainAsync(Func<bool> more)
        {
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

    private void AssertBulk(BulkResult result)
    {
        if (_expected.Kind is null)
        {
            Assert.Null(result.Error);
            AssertWhole(Assert.IsType<ChatCompletion>(result.Completion));
        }
        else
        {
            Assert.Null(result.Completion);
            AssertFailed(Assert.IsType<HeliconeException>(result.Error));
        }
    }

    private void AssertWhole(ChatCompletion completion)
    {
        Assert.Null(_expected.Kind);
        Assert.Equal(FaultExchange.Answer, completion.Content);
        Assert.Equal("stop", completion.FinishReason);
        AssertStory(completion.Attempts);
        Assert.Equal(200, completion.Attempts[^1].StatusCode);
    }

    private void AssertFailed(HeliconeException e)
    {
        Assert.Equal(
            (_expected.Kind, _expected.Status, _expected.Transient, _expected.Phase, _expected.Partial),
            (e.Kind, e.StatusCode, e.IsTransient, e.TimeoutPhase, e.PartialText));
        Assert.Contains(_expected.Says, e.Message, StringComparison.Ordinal);
        Assert.InRange(e.Message.Length, 1, 2500);
        Assert.Equal(_expected.RetryAfter, e.RetryAfter);
        Assert.DoesNotContain(Clients.Key[12..], e.ToString(), StringComparison.Ordinal);
        AssertStory(e.Attempts);
        Assert.Equal(e.Message, e.Attempts[^1].Message);
        Assert.True(e.StatusCode is null || e.StatusCode == e.Attempts[^1].StatusCode);
    }

    /// <summary>Numbers, kinds, times and waits, and each retry told when it happened.</summary>
    private void AssertStory(IReadOnlyList<CallAttempt> story)
    {
        Assert.Equal(Enumerable.Range(1, _expected.Attempts), story.Select(a => a.Number));
        Assert.Equal([.. Enumerable.Repeat(_expected.Before, _expected.Attempts - 1), _expected.Kind], story.Select(a => a.Kind));
        Assert.Equal(story.Select(a => a.StartedAt).Order(), story.Select(a => a.StartedAt));
        Assert.All(story, a => Assert.True(a.Duration >= TimeSpan.Zero));
        Assert.All(story.SkipLast(1), a => Assert.True(a.Message is { Length: > 0 } && a.Wait > TimeSpan.Zero));
        Assert.Null(story[^1].Wait);
        if (_expected.Wait is { } wait)
        {
            // As long as the server asked for, and up to a quarter more, so that a crowd does not come back at once.
            Assert.All(story.SkipLast(1), a => Assert.InRange(a.Wait!.Value, wait, wait * 1.25));
        }

        lock (_told)
        {
            Assert.Equal(story.SkipLast(1).Select(a => (a.Number, a.Kind, a.Wait)), _told.Select(a => (a.Number, a.Kind, a.Wait)));
        }
    }

    /// <summary>No connection hangs on: each is closed, or waits for the next request, which gets through.</summary>
    private async Task AssertReleasedAsync(RawServer server, HeliconeClient client)
    {
        if (fault.Refused)
        {
            server.Listen();
        }

        if (fault.Greet is null)
        {
            await AskAgainAsync(client).WaitAsync(s_patience);
        }

        long patience = Environment.TickCount64 + (long)s_patience.TotalMilliseconds;
        while (server.Busy > 0 && Environment.TickCount64 < patience)
        {
            await Task.Delay(5);
        }

        Assert.Equal(0, server.Busy);
        if (fault.KeepsTheConnection && mode != FaultMode.Bulk)
        {
            Assert.Equal(1, server.Connections);
        }
    }

    private static async Task AskAgainAsync(HeliconeClient client)
    {
        ChatCompletion next = await client.Chat.CompleteAsync(Clients.Ask(Healthy), new RequestOptions(), default);

        Assert.Equal(FaultExchange.Answer, next.Content);
        Assert.Single(next.Attempts);
    }

    private Task AnswerAsync(RawExchange raw)
    {
        if (!raw.Body.Contains(Faulty, StringComparison.Ordinal))
        {
            return raw.RespondAsync(200, Answers.Whole);
        }

        return fault.Script(new FaultExchange(raw, Interlocked.Increment(ref _attempts), _time, _seen.Task));
    }

    private void Told(CallAttempt attempt)
    {
        lock (_told)
        {
            _told.Add(attempt);
        }
    }

    /// <summary>Lets the waits between attempts pass, where time is faked: while no request is with the server and a retry is due.</summary>
    private async Task WithTimeAsync(RawServer server, Task call)
    {
        // A run keeps the pause that one of its items was asked for, also when that item had no time left to do so itself.
        TimeSpan? pause = mode == FaultMode.Bulk && _expected is { Kind: HeliconeErrorKind.RateLimited, RetryAfter: { } asked } && asked <= TimeSpan.FromSeconds(60) ? asked : null;
        TimeSpan step = (_expected.Wait ?? pause ?? TimeSpan.FromMilliseconds(200)) / 20;
        long patience = Environment.TickCount64 + (long)s_patience.TotalMilliseconds;
        while (_time is not null && !call.IsCompleted && Environment.TickCount64 < patience)
        {
            await Task.WhenAny(call, Task.Delay(1));
            bool due;
            lock (_told)
            {
                due = _told.Count > 0 || (pause is not null && _attempts > 0);
            }

            if (due && server.Busy == 0)
            {
                _time.Advance(step);
            }
        }

        await call;
    }

    private sealed class HeadersSeen(TaskCompletionSource seen) : DelegatingHandler(new SocketsHttpHandler { UseProxy = false })
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
            if (request.Method == HttpMethod.Post)
            {
                seen.TrySetResult();
            }

            return response;
        }
    }
}
