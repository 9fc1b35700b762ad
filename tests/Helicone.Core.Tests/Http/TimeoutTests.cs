using System.Net;
using System.Net.Sockets;
using Helicone.Chat;
using Helicone.Core.Tests.Servers;
using Helicone.Errors;

namespace Helicone.Core.Tests.Http;

/// <summary>Limits are short and the bounds around them generous: what is asserted is that they end a call, not how exactly.</summary>
[Collection(nameof(AloneCollection))]
public class TimeoutTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task FirstToken_ThatNeverComes_IsTimedOut_AndTheRetryWorks()
    {
        await using RawServer server = new(async exchange =>
        {
            await exchange.BeginEventsAsync();
            await exchange.ChunkAsync(Answers.Role);
            if (exchange.Number == 1)
            {
                await exchange.WaitForClientToLeaveAsync();
                exchange.Close();
                return;
            }

            await exchange.ChunkAsync(Answers.Text("late") + Answers.Finish + Answers.Done);
            await exchange.EndAsync();
        });

        List<ChatChunk> chunks = await Clients.StreamAsync(server.Uri, new RequestOptions { FirstTokenTimeout = s_limit }).WaitAsync(s_patience);

        ChatCompletion completion = chunks[^1].Completion!;
        Assert.Equal("late", completion.Content);
        Assert.Equal([HeliconeErrorKind.TimedOut, null], completion.Attempts.Select(a => a.Kind));
        Assert.True(completion.Attempts[0].Duration >= s_limit);
        Assert.Equal(2, server.Requests);
    }

    [Fact]
    public async Task Headers_OfAStreamThatNeverCome_AreTimedOutAsTheFirstToken()
    {
        await using RawServer server = new(async exchange =>
        {
            await exchange.WaitForClientToLeaveAsync();
            exchange.Close();
        });

        (HeliconeException e, _) = await Clients.FailStreamAsync(server.Uri, new RequestOptions { FirstTokenTimeout = s_limit, MaxRetries = 2 }).WaitAsync(s_patience);

        Assert.Equal((HeliconeErrorKind.TimedOut, TimeoutPhase.FirstToken), (e.Kind, e.TimeoutPhase));
        Assert.Contains("0.3 s", e.Message, StringComparison.Ordinal);
        Assert.Equal(3, server.Requests);
        Assert.All(e.Attempts, a => Assert.Equal(HeliconeErrorKind.TimedOut, a.Kind));
    }

    [Fact]
    public async Task WaitForARetry_LongerThanTheLimitForAFirstToken_IsNotATimeout()
    {
        await using RawServer server = new(async exchange =>
        {
            if (exchange.Number == 1)
            {
                await exchange.RespondAsync(503, "{}", "application/json", "retry-after-ms: 700");
                return;
            }

            await exchange.BeginEventsAsync();
            await exchange.ChunkAsync(Answers.Text("x") + Answers.Finish + Answers.Done);
            await exchange.EndAsync();
        });

        ChatCompletion completion = (await Clients.StreamAsync(server.Uri, new RequestOptions { FirstTokenTimeout = s_limit }).WaitAsync(s_patience))[^1].Completion!;

        Assert.Equal("x", completion.Content);
        Assert.Equal([HeliconeErrorKind.UpstreamFailed, null], completion.Attempts.Select(a => a.Kind));
    }

    [Fact]
    public async Task CommentsAlone_AreNoFirstToken()
    {
        await using RawServer server = new(async exchange =>
        {
            await exchange.BeginEventsAsync();
            while (true)
            {
                await exchange.ChunkAsync(": still thinking\n\n");
                await Task.Delay(20);
            }
        });

        (HeliconeException e, _) = await Clients.FailStreamAsync(server.Uri, new RequestOptions { FirstTokenTimeout = s_limit, MaxRetries = 0 }).WaitAsync(s_patience);

        Assert.Equal(TimeoutPhase.FirstToken, e.TimeoutPhase);
    }

    [Fact]
    public async Task Stream_ThatFallsSilent_IsTimedOutWithItsPartialText_AndNotTriedAgain()
    {
        await using RawServer server = new(async exchange =>
        {
            await exchange.BeginEventsAsync();
            await exchange.ChunkAsync(Answers.Text("Once upon"));
            await exchange.WaitForClientToLeaveAsync();
            exchange.Close();
        });

        (HeliconeException e, List<ChatChunk> chunks) = await Clients.FailStreamAsync(server.Uri, new RequestOptions { IdleTimeout = s_limit }).WaitAsync(s_patience);

        Assert.Equal((HeliconeErrorKind.TimedOut, TimeoutPhase.Idle), (e.Kind, e.TimeoutPhase));
        Assert.Equal("Once upon", e.PartialText);
        Assert.Equal("Once upon", Assert.Single(chunks).Text);
        Assert.False(e.IsTransient);
        Assert.Equal(1, server.Requests);
        Assert.Equal(HeliconeErrorKind.TimedOut, Assert.Single(e.Attempts).Kind);
    }

    [Fact]
    public async Task Stream_ThatDripsSlowlyButSteadily_IsNotIdle()
    {
        await using RawServer server = new(async exchange =>
        {
            await exchange.BeginEventsAsync();
            foreach (char c in Answers.Text("a") + Answers.Text("b") + Answers.Finish + Answers.Done)
            {
                await exchange.ChunkAsync(c.ToString());
                if (c == '}')
                {
                    await Task.Delay(150);
                }
            }

            await exchange.EndAsync();
        });

        List<ChatChunk> chunks = await Clients.StreamAsync(server.Uri, new RequestOptions { IdleTimeout = TimeSpan.FromMilliseconds(1000), FirstTokenTimeout = s_patience }).WaitAsync(s_patience);

        Assert.Equal("ab", chunks[^1].Completion!.Content);
        Assert.True(chunks[^1].Completion!.Latency > TimeSpan.FromMilliseconds(1000));
    }

    [Fact]
    public async Task Consumer_ThatTakesItsTime_IsNotTheServersSilence()
    {
        await using RawServer server = new(async exchange =>
        {
            await exchange.BeginEventsAsync();
            await exchange.ChunkAsync(Answers.Text("a"));
            await Task.Delay(50);
            await exchange.ChunkAsync(Answers.Text("b"));
            await Task.Delay(1000);
            await exchange.ChunkAsync(Answers.Finish + Answers.Done);
            await exchange.EndAsync();
        });
        using HeliconeClient client = Clients.Client(server.Uri);
        string text = string.Empty;

        await foreach (ChatChunk chunk in client.Chat.Stream(Clients.Ask(), new RequestOptions { IdleTimeout = TimeSpan.FromMilliseconds(700) }))
        {
            text += chunk.Text;
            if (chunk.Text == "a")
            {
                // Longer than the limit, twice: the timer looks, finds nobody waiting, and must wake up again afterwards.
                await Task.Delay(1600);
            }
        }

        Assert.Equal("ab", text);
    }

    [Fact]
    public async Task Silence_AfterAConsumerTookItsTime_IsStillNoticed()
    {
        await using RawServer server = new(async exchange =>
        {
            await exchange.BeginEventsAsync();
            await exchange.ChunkAsync(Answers.Text("a"));
            await exchange.WaitForClientToLeaveAsync();
            exchange.Close();
        });
        using HeliconeClient client = Clients.Client(server.Uri);

        HeliconeException e = await Assert.ThrowsAsync<HeliconeException>(async () =>
        {
            await foreach (ChatChunk chunk in client.Chat.Stream(Clients.Ask(), new RequestOptions { IdleTimeout = s_limit }))
            {
                await Task.Delay(700);
            }
        }).WaitAsync(s_patience);

        Assert.Equal(TimeoutPhase.Idle, e.TimeoutPhase);
    }

    [Fact]
    public async Task Body_ThatStalls_IsTimedOut_AndTriedAgain()
    {
        await using RawServer server = new(async exchange =>
        {
            if (exchange.Number == 1)
            {
                await exchange.SendAsync("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{\"choices\"");
                await exchange.WaitForClientToLeaveAsync();
                exchange.Close();
                return;
            }

            await exchange.RespondAsync(200, Answers.Whole);
        });

        ChatCompletion completion = await Clients.CompleteAsync(server.Uri, new RequestOptions { IdleTimeout = s_limit }).WaitAsync(s_patience);

        Assert.Equal("Rayleigh scattering.", completion.Content);
        Assert.Equal([HeliconeErrorKind.TimedOut, null], completion.Attempts.Select(a => a.Kind));
    }

    [Fact]
    public async Task Body_ThatDripsWithoutEnd_IsEndedByTheTotal()
    {
        await using RawServer server = new(async exchange =>
        {
            await exchange.SendAsync("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
            while (true)
            {
                await exchange.ChunkAsync(" ");
                await Task.Delay(20);
            }
        });

        HeliconeException e = await Clients.FailAsync(server.Uri, new RequestOptions { IdleTimeout = s_patience, TotalTimeout = TimeSpan.FromSeconds(1) }).WaitAsync(s_patience);

        Assert.Equal((HeliconeErrorKind.TimedOut, TimeoutPhase.Total), (e.Kind, e.TimeoutPhase));
        Assert.False(e.IsTransient);
        Assert.Equal(1, server.Requests);
    }

    [Fact]
    public async Task Answer_ThatNeverComes_IsEndedByTheTotal()
    {
        TaskCompletionSource left = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using RawServer server = new(async exchange =>
        {
            await exchange.WaitForClientToLeaveAsync();
            exchange.Close();
            left.TrySetResult();
        });

        HeliconeException e = await Clients.FailAsync(server.Uri, new RequestOptions { TotalTimeout = TimeSpan.FromSeconds(1) }).WaitAsync(s_patience);

        Assert.Equal(TimeoutPhase.Total, e.TimeoutPhase);
        Assert.Equal("The call took longer than 1 s.", e.Message);
        Assert.Equal(1, server.Requests);
        await left.Task.WaitAsync(s_patience);
    }

    [Fact]
    public async Task Total_InTheMiddleOfAStream_CarriesThePartialText()
    {
        await using RawServer server = new(async exchange =>
        {
            await exchange.BeginEventsAsync();
            while (true)
            {
                await exchange.ChunkAsync(Answers.Text("x"));
                await Task.Delay(20);
            }
        });

        (HeliconeException e, List<ChatChunk> chunks) = await Clients.FailStreamAsync(server.Uri, new RequestOptions { TotalTimeout = TimeSpan.FromSeconds(1) }).WaitAsync(s_patience);

        Assert.Equal(TimeoutPhase.Total, e.TimeoutPhase);
        Assert.StartsWith("x", e.PartialText, StringComparison.Ordinal);
        Assert.Equal(e.PartialText, string.Concat(chunks.Select(c => c.Text)));
    }

    [Fact]
    public async Task Connection_ThatIsNeverAccepted_IsTimedOutAsConnect()
    {
        // A listener whose backlog is full answers no SYN: a connection to it hangs until someone gives up.
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        List<Socket> fillers = [];
        try
        {
            EndPoint address = listener.LocalEndPoint!;
            for (int i = 0; i < 8; i++)
            {
                Socket filler = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
                fillers.Add(filler);
                _ = filler.ConnectAsync(address);
            }

            await Task.Delay(200);
            HeliconeException e = await Clients.FailAsync(new Uri($"http://127.0.0.1:{((IPEndPoint)address).Port}/"), null, o => o with { ConnectTimeout = s_limit, MaxRetries = 1 }).WaitAsync(s_patience);

            Assert.Equal((HeliconeErrorKind.TimedOut, TimeoutPhase.Connect), (e.Kind, e.TimeoutPhase));
            Assert.Contains("within 0.3 s", e.Message, StringComparison.Ordinal);
            Assert.Equal(2, e.Attempts.Count);
        }
        finally
        {
            fillers.ForEach(f => f.Dispose());
        }
    }
}
