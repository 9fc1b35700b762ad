using Helicone.Tests.Hosting;
using Helicone.Tests.Servers;

namespace Helicone.Tests.Chat;

/// <summary>Ctrl+C comes back although the server never answers, quietly, and the server sees the connection close.</summary>
public sealed class StopTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("Invoke-HeliconeChat 'x'", 1)]
    [InlineData("Invoke-HeliconeChat 'x' -Stream", 1)]
    [InlineData("1..20 | Invoke-HeliconeChat -ThrottleLimit 4", 4)]
    [InlineData("'a', 'b' | Invoke-HeliconeChat 'x'", 1)]
    public async Task Chat_Stopped_ClosesItsConnections(string command, int calls)
    {
        await using ChatServer server = await ChatServer.StartAsync(exchange => exchange.HangAsync());
        using Shell shell = Shell.ConnectedTo(server.Uri);

        using RunningScript script = shell.Start(command + "; 'went on'");
        await RunningScript.UntilAsync(() => server.Chats.Count == calls, "the calls");
        await script.StopAsync();
        Result result = await script.EndAsync();

        Assert.True(result.Stopped);
        Assert.Empty(result.Output);
        Assert.Empty(result.Errors);
        await Task.WhenAll(server.Chats.Select(chat => chat.Left.Task)).WaitAsync(s_patience);
        Assert.Equal(calls, server.Chats.Count);
    }

    [Fact]
    public async Task Stream_StoppedInTheMiddle_ClosesItsConnection()
    {
        await using ChatServer server = await ChatServer.StartAsync(async exchange =>
        {
            await exchange.BeginStreamAsync();
            await exchange.TextAsync("Once");
            await exchange.HangAsync();
        });
        ScreenHost host = new();
        using Shell shell = Shell.ConnectedTo(server.Uri, host: host);

        using RunningScript script = shell.Start("Invoke-HeliconeChat 'x' -Stream | Show-HeliconeStream");
        await RunningScript.UntilAsync(() => host.Screen == "Once", "the first piece");
        await script.StopAsync();

        Assert.True((await script.EndAsync()).Stopped);
        await server.Chats[0].Left.Task.WaitAsync(s_patience);
    }

    [Fact]
    public async Task Retry_StoppedInItsWait_EndsAtOnce()
    {
        await using ChatServer server = await ChatServer.StartAsync(async exchange =>
        {
            exchange.Header("Retry-After", "50");
            await exchange.FailAsync(503, "overloaded");
        });
        using Shell shell = Shell.ConnectedTo(server.Uri);

        using RunningScript script = shell.Start("Invoke-HeliconeChat 'x' -Verbose");
        await RunningScript.UntilAsync(() => script.Streams.Verbose.Count > 0, "the wait");
        await script.StopAsync();

        Assert.True((await script.EndAsync()).Stopped);
        Assert.Single(server.Chats);
    }

    [Theory]
    [InlineData("Get-HeliconeModel -Refresh")]
    [InlineData("Test-HeliconeConnection")]
    public async Task Question_Stopped_Ends(string command)
    {
        TaskCompletionSource never = new();
        await using ChatServer server = await ChatServer.StartAsync(exchange => exchange.HangAsync());
        server.RegistryHeld = never.Task;
        using Shell shell = Shell.ConnectedTo(server.Uri);

        using RunningScript script = shell.Start(command);
        await RunningScript.UntilAsync(() => server.RegistryRequests == 1, "the question");
        await script.StopAsync();

        Assert.True((await script.EndAsync()).Stopped);
    }

    [Fact]
    public async Task Runspace_AfterAStop_AnswersAgain()
    {
        bool hang = true;
        await using ChatServer server = await ChatServer.StartAsync(exchange => hang ? exchange.HangAsync() : exchange.SayAsync("ok"));
        using Shell shell = Shell.ConnectedTo(server.Uri);

        using (RunningScript script = shell.Start("Invoke-HeliconeChat 'x'"))
        {
            await RunningScript.UntilAsync(() => server.Chats.Count == 1, "the call");
            await script.StopAsync();
        }

        hang = false;
        Assert.Equal("ok", (await shell.RunAsync("Invoke-HeliconeChat 'x'")).AssertNoErrors().Single.ToString());
    }
}
