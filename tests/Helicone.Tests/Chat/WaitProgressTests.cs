using System.Globalization;
using System.Management.Automation;
using Helicone.Tests.Hosting;
using Helicone.Tests.Servers;

namespace Helicone.Tests.Chat;

/// <summary>A command that waits because a server requested it shows until when.</summary>
public sealed class WaitProgressTests
{
    private const string Id = "00000000-0000-4000-8000-000000000001";

    [Theory]
    [InlineData("Invoke-HeliconeChat 'Hi'")]
    [InlineData("Invoke-HeliconeChat 'Hi' -Stream")]
    [InlineData("'Hi' | Invoke-HeliconeChat -RequestsPerMinute 600")]
    [InlineData("try { Invoke-HeliconeChat 'Refused at last' -ErrorAction Stop } catch { }")]
    [InlineData($"Set-HeliconeRequestFeedback {Id} Positive")]
    public async Task LongWait_IsShownWhileItLasts_AndTakenAway(string command)
    {
        int asked = 0;
        await using ChatServer chats = await ChatServer.StartAsync(async exchange =>
        {
            if (Interlocked.Increment(ref asked) == 1)
            {
                exchange.Header("retry-after-ms", "5200");
                await exchange.FailAsync(429, "Slow down");
            }
            else if (exchange.Prompt == "Refused at last")
            {
                await exchange.FailAsync(400, "No");
            }
            else if (exchange.Body.ContainsKey("stream"))
            {
                await exchange.BeginStreamAsync();
                await exchange.TextAsync("Hello");
                await exchange.FinishAsync();
            }
            else
            {
                await exchange.SayAsync("Hello");
            }
        });
        await using LogServer log = await LogServer.StartAsync((context, exchange) =>
        {
            if (exchange.Path.EndsWith("/feedback", StringComparison.Ordinal) && Interlocked.Increment(ref asked) == 1)
            {
                context.Response.Headers["Retry-After"] = "5.2";
                return LogServer.FailAsync(context, 429, "Too many requests, please try again later.");
            }

            return LogServer.SayAsync(context, null);
        });
        using Shell shell = new();
        (await shell.RunAsync($"Connect-Helicone -ApiKey {Shell.Key} -GatewayUri {chats.Uri} -ApiUri {log.Uri}")).AssertNoErrors();

        using RunningScript script = shell.Start(command);
        await RunningScript.UntilAsync(() => script.Streams.Progress.Count > 0, "the progress");
        Assert.Equal(1, asked);
        ProgressRecord shown = script.Streams.Progress[0];
        Result result = (await script.EndAsync()).AssertNoErrors();

        Assert.Equal(2, asked);
        Assert.Equal("Waiting for a rate limit", shown.Activity);
        Assert.Matches(@"^Rate limited \(429\)\. Waiting until .*\d.*\.$", shown.StatusDescription);
        Assert.Equal([ProgressRecordType.Processing, ProgressRecordType.Completed], result.Progress.Select(record => record.RecordType));
        Assert.All(result.Progress, record => Assert.Equal(shown.ActivityId, record.ActivityId));
    }

    [Fact]
    public async Task ShortWait_IsNotShown()
    {
        int asked = 0;
        await using ChatServer server = await ChatServer.StartAsync(async exchange =>
        {
            if (Interlocked.Increment(ref asked) == 1)
            {
                exchange.Header("retry-after-ms", "300");
                await exchange.FailAsync(429, "Slow down");
                return;
            }

            await exchange.SayAsync("Hello");
        });
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync("Invoke-HeliconeChat 'Hi'")).AssertNoErrors();

        Assert.Equal(2, asked);
        Assert.Empty(result.Progress);
    }

    [Fact]
    public async Task ManyCalls_AreOneProgress_WithTheirNumber()
    {
        int asked = 0;
        await using ChatServer server = await ChatServer.StartAsync(async exchange =>
        {
            if (Interlocked.Increment(ref asked) <= 4)
            {
                exchange.Header("Retry-After", "6");
                await exchange.FailAsync(429, "Slow down");
                return;
            }

            await exchange.SayAsync("Hello");
        });
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync("1..4 | Invoke-HeliconeChat")).AssertNoErrors();

        Assert.Equal(4, result.Output.Count);
        ProgressRecord[] waits = [.. result.Progress.Where(record => record.ActivityId == 2)];
        Assert.Contains(waits, record => record.StatusDescription.Contains("4 calls wait until", StringComparison.Ordinal));
        Assert.Equal(ProgressRecordType.Completed, waits[^1].RecordType);
        Assert.Single(waits, record => record.RecordType == ProgressRecordType.Completed);
    }

    [Fact]
    public async Task GatewayThatIsAwaited_IsShown()
    {
        Uri nobody = new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePort()}/"));
        using Shell shell = Shell.ConnectedTo(nobody);

        using RunningScript script = shell.Start("1..8 | Invoke-HeliconeChat -MaxRetry 0 -WaitForGateway 5m");
        await RunningScript.UntilAsync(() => script.Streams.Progress.Any(record => record.Activity == "Waiting for the gateway"), "the progress");
        await using ChatServer server = await ChatServer.StartAsync(exchange => exchange.SayAsync("Hello"), nobody.Port);
        Result result = (await script.EndAsync()).AssertNoErrors();

        Assert.Equal(8, result.Output.Count);
        ProgressRecord[] waits = [.. result.Progress.Where(record => record.ActivityId == 2)];
        Assert.Contains("The gateway isn't responding.", waits[0].StatusDescription, StringComparison.Ordinal);
        Assert.Equal(ProgressRecordType.Completed, waits[^1].RecordType);
    }

    private static int FreePort()
    {
        using System.Net.Sockets.TcpListener listener = new(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }
}
