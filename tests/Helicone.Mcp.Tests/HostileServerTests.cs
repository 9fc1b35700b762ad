using System.Diagnostics;
using System.Text;

namespace Helicone.Mcp.Tests;

/// <summary>Servers that do harm end bounded, with an error that names the cause.</summary>
public sealed class HostileServerTests
{
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(50);

    [Theory]
    [InlineData("endless-line", McpErrorKind.TooLarge, "more than 32 MiB")]
    [InlineData("endless-text", McpErrorKind.InvalidResponse, "hello, I am a banner")]
    [InlineData("exits", McpErrorKind.Exited, "exited with code 7. It wrote: error: no configuration")]
    public async Task Connect_ToAServerThatCantStart_FailsWithTheCause(string mode, McpErrorKind kind, string text)
    {
        Stopwatch watch = Stopwatch.StartNew();

        McpException error = await Assert.ThrowsAsync<McpException>(() => TestServer.ConnectAsync(mode));

        Assert.Equal(kind, error.Kind);
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
        Assert.True(watch.Elapsed < s_bound, watch.Elapsed.ToString());
    }

    [Fact]
    public async Task Connect_ToASilentServer_EndsWithTheTimeoutAndKillsTheProcess()
    {
        McpException error = await Assert.ThrowsAsync<McpException>(() => McpServer.ConnectAsync(TestServer.Options("silent") with { ConnectTimeout = TimeSpan.FromSeconds(1) }));

        Assert.Equal(McpErrorKind.TimedOut, error.Kind);
        Assert.Contains("didn't respond within 1 seconds", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_ThatIsCanceled_KillsTheProcess()
    {
        using CancellationTokenSource stop = new(TimeSpan.FromMilliseconds(300));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => McpServer.ConnectAsync(TestServer.Options("silent"), null, stop.Token));
    }

    [Fact]
    public async Task Connect_ToNoProgram_SaysSo()
    {
        McpException error = await Assert.ThrowsAsync<McpException>(() => McpServer.ConnectAsync(new McpServerOptions { Command = "no-such-program-anywhere" }));

        Assert.Equal(McpErrorKind.StartFailed, error.Kind);
        Assert.Contains("There is no program 'no-such-program-anywhere' in the folders of PATH.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StandardError_ThatContainsAKey_IsMasked()
    {
        McpException error = await Assert.ThrowsAsync<McpException>(() => TestServer.ConnectAsync("exits"));

        Assert.DoesNotContain("sk-abcdefghijklmnopqrstuv", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("sk-abcdefghijklmnopqrstuv", error.StandardError, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("many-tools", McpErrorKind.TooLarge, "more than 2,000 tools")]
    [InlineData("endless-pages", McpErrorKind.TooLarge, "doesn't end its list")]
    [InlineData("deep-json", McpErrorKind.TooLarge, "nested more than 64 deep")]
    [InlineData("wrong-shape", McpErrorKind.InvalidResponse, "invalid response to tools/list")]
    public async Task Tools_OfAServerThatListsNonsense_AreAnError(string mode, McpErrorKind kind, string text)
    {
        McpServer server = await TestServer.ConnectAsync(mode);

        McpException error = await Assert.ThrowsAsync<McpException>(() => server.GetToolsAsync());

        Assert.Equal(kind, error.Kind);
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
        await server.CloseAsync();
    }

    [Fact]
    public async Task Tools_OfAServerThatWritesBrokenJson_EndWithTheTimeout()
    {
        McpServer server = await McpServer.ConnectAsync(TestServer.Options("malformed") with { RequestTimeout = TimeSpan.FromSeconds(2) });

        McpException error = await Assert.ThrowsAsync<McpException>(() => server.GetToolsAsync());

        Assert.Equal(McpErrorKind.TimedOut, error.Kind);
        Assert.Contains("didn't respond to tools/list within 2 seconds. It wrote: {\"jsonrpc\":\"2.0\"", error.Message, StringComparison.Ordinal);
        await server.CloseAsync();
    }

    [Fact]
    public async Task Names_ThatCollideOrContainControlCharacters_AreUniqueAndSafe()
    {
        McpServer server = await TestServer.ConnectAsync("names");
        List<string> warnings = [];

        IReadOnlyList<McpTool> tools = await server.GetToolsAsync(new McpAttendant { OnWarning = warnings.Add });

        Assert.Equal(7, tools.Count);
        Assert.Equal(tools.Count, tools.Select(tool => tool.Name).Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.All(tools, tool => Assert.Matches("^test__[A-Za-z0-9_-]{1,58}$", tool.Name));
        Assert.Contains(warnings, warning => warning.Contains("two tools named 'same'", StringComparison.Ordinal));
        Assert.DoesNotContain('\u001b', server.ServerInfo!);

        // The name determines which tool runs, in whatever order the server lists them.
        Assert.Equal("test__a_b", tools.Single(tool => tool.ToolName == "a.b").Name);
        await server.CloseAsync();
    }

    [Fact]
    public async Task Schemas_ThatAreBombs_AreLeftOutWithAWarning()
    {
        McpServer server = await TestServer.ConnectAsync("schema-bomb");
        List<string> warnings = [];

        IReadOnlyList<McpTool> tools = await server.GetToolsAsync(new McpAttendant { OnWarning = warnings.Add });

        Assert.Equal(["good"], tools.Select(tool => tool.ToolName));
        Assert.Equal(2, warnings.Count);
        await server.CloseAsync();
    }

    [Fact]
    public async Task Result_Of100Megabytes_IsRefusedAndEndsTheSession()
    {
        McpServer server = await TestServer.ConnectAsync("huge");

        McpException error = await Assert.ThrowsAsync<McpException>(() => TestServer.CallAsync(server, "work"));

        Assert.Equal(McpErrorKind.TooLarge, error.Kind);
        Assert.Contains("more than 32 MiB", error.Message, StringComparison.Ordinal);
        await server.CloseAsync();
    }

    [Fact]
    public async Task Call_WithoutAnAnswer_EndsWithTheTimeout()
    {
        McpServer server = await TestServer.ConnectAsync("silent-tool");
        McpTool tool = Assert.Single(await server.GetToolsAsync());

        McpException error = await Assert.ThrowsAsync<McpException>(() => tool.CallAsync("{}", null, TimeSpan.FromSeconds(0.5)));

        Assert.Equal(McpErrorKind.TimedOut, error.Kind);
        await server.CloseAsync();
    }

    [Fact]
    public async Task Call_DuringWhichTheServerDies_IsNotSentAgain()
    {
        McpServer server = await TestServer.ConnectAsync("dies-in-call");

        McpException error = await Assert.ThrowsAsync<McpException>(() => TestServer.CallAsync(server, "work"));

        Assert.Equal(McpErrorKind.Exited, error.Kind);
        Assert.Equal(9, error.ExitCode);
        Assert.Equal(0, server.RestartCount);
        await server.CloseAsync();
    }

    [Fact]
    public async Task Tool_WhoseDescriptionChanges_IsNoLongerApproved()
    {
        McpServer server = await TestServer.ConnectAsync("changes");
        McpTool before = Assert.Single(await server.GetToolsAsync());
        before.Approve();
        Assert.True(before.IsApproved);
        Assert.False(await before.HasChangedAsync());

        await before.CallAsync("{}");
        McpTool after = Assert.Single(await server.GetToolsAsync());

        Assert.True(await before.HasChangedAsync());
        Assert.False(after.IsApproved);
        Assert.True(after.WasApproved);
        await server.CloseAsync();
    }

    [Fact]
    public async Task Content_OfAnUnknownKind_IsShownAsItIs()
    {
        McpServer server = await TestServer.ConnectAsync("unknown-content");

        McpToolResult result = await TestServer.CallAsync(server, "work");

        Assert.Equal("""{"type":"hologram","data":"x"}""", result.Content[0].Text);
        await server.CloseAsync();
    }

    [Theory]
    [InlineData("null-result")]
    [InlineData("empty-result")]
    [InlineData("number-for-content")]
    public async Task ResultThatIsNone_IsAnError_NotAnEmptySuccess(string mode)
    {
        McpServer server = await McpServer.ConnectAsync(TestServer.Options(mode) with { RequestTimeout = TimeSpan.FromSeconds(5) });

        McpException error = await Assert.ThrowsAsync<McpException>(() => TestServer.CallAsync(server, "work"));

        Assert.Equal(McpErrorKind.InvalidResponse, error.Kind);
        Assert.Contains("invalid response to tools/call", error.Message, StringComparison.Ordinal);
        await server.CloseAsync();
    }

    [Fact]
    public async Task SamplingInALoop_IsRefusedAfterALimit()
    {
        McpServer server = await McpServer.ConnectAsync(TestServer.Options("sampling-loop") with { AllowSampling = true, RequestTimeout = TimeSpan.FromSeconds(3) });
        int asked = 0;
        McpAttendant attendant = new()
        {
            Sample = (_, _) =>
            {
                Interlocked.Increment(ref asked);
                return Task.FromResult<Helicone.Chat.ChatCompletion?>(null);
            },
        };

        McpException error = await Assert.ThrowsAsync<McpException>(() => TestServer.CallAsync(server, "work", "{}", attendant));

        Assert.Equal(McpErrorKind.TimedOut, error.Kind);
        Assert.Equal(McpLimits.RequestsPerCall, asked);
        await server.CloseAsync();
    }

    [Fact]
    public async Task Logs_InAFlood_EndWithTheCall()
    {
        McpServer server = await TestServer.ConnectAsync("log-flood");

        Assert.Equal("flooded", (await TestServer.CallAsync(server, "work")).Text);
        await server.CloseAsync();
    }

    [Fact]
    public async Task Process_ThatIgnoresTheEndOfItsInput_IsKilled()
    {
        McpServer server = await TestServer.ConnectAsync("stays");
        int process = server.ProcessId!.Value;

        await server.CloseAsync();

        Assert.False(TestServer.IsRunning(process));
    }

    [Fact]
    public async Task Abort_EndsTheProcessAtOnce()
    {
        McpServer server = await TestServer.ConnectAsync("stays");
        int process = server.ProcessId!.Value;

        server.Abort();

        Assert.False(TestServer.IsRunning(process));
    }

    [Theory]
    [InlineData("\n", 1_000, false)]
    [InlineData("{\"a\":1}\n", 10_000_000, false)]
    [InlineData("x", 40_000_000, true)]
    [InlineData("banner\n", 10_000, true)]
    public void MessageStream_EndsWhatIsTooMuch(string piece, int length, bool ends)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(piece, length / piece.Length)));
        using MessageStream stream = new(new MemoryStream(bytes), MessageFraming.Lines);

        Exception? error = Record.Exception(() => stream.CopyTo(Stream.Null));

        Assert.Equal(ends, error is IOException);
        Assert.Equal(ends, stream.Failure is not null);
    }

    [Fact]
    public async Task Call_ToAServerThatDoesNotRead_EndsWithTheTimeout_WithCancellation_AndWithDisconnecting()
    {
        McpServer server = await McpServer.ConnectAsync(TestServer.Options("deaf") with { RequestTimeout = TimeSpan.FromSeconds(60) });
        McpTool tool = Assert.Single(await server.GetToolsAsync());
        string arguments = $$"""{"text":"{{new string('x', 1_000_000)}}"}""";
        using CancellationTokenSource stop = new();

        Task<McpToolResult> late = tool.CallAsync(arguments, null, TimeSpan.FromSeconds(0.5));
        Task<McpToolResult> stopped = tool.CallAsync(arguments, null, null, stop.Token);
        await stop.CancelAsync();

        Assert.Equal(McpErrorKind.TimedOut, (await Assert.ThrowsAsync<McpException>(() => Within(late))).Kind);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Within(stopped));
        await Within(server.CloseAsync().ContinueWith(static _ => true, TaskScheduler.Default));
    }

    [Fact]
    public async Task Requests_OfAServerThatDoesNotReadTheAnswers_EndTheSession()
    {
        McpServer server = await TestServer.ConnectAsync("ping-flood");

        McpException error = await Assert.ThrowsAsync<McpException>(() => TestServer.CallAsync(server, "work"));

        Assert.Equal(McpErrorKind.TooLarge, error.Kind);
        Assert.Contains("doesn't read", error.Message, StringComparison.Ordinal);
        await server.CloseAsync();
    }

    [Theory]
    [InlineData("secret-in-error")]
    [InlineData("secret-in-answer")]
    public async Task Secret_InWhatAServerWrites_IsMaskedEverywhereInTheError(string mode)
    {
        const string Secret = "correct-horse-battery-staple";
        McpServer server = await McpServer.ConnectAsync(TestServer.Options(mode) with { Environment = new Dictionary<string, string> { ["MY_SECRET_TOKEN"] = Secret } });

        McpException error = await Assert.ThrowsAsync<McpException>(() => TestServer.CallAsync(server, "work"));

        // The whole of it, with its causes.
        Assert.DoesNotContain("correct", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("correct", error.StandardError ?? string.Empty, StringComparison.Ordinal);
        await server.CloseAsync();
    }

    [Theory]
    [InlineData("no-logging", "no levels here")]
    [InlineData("silent-logging", "didn't respond")]
    public async Task Refusal_OfLogMessages_IsReportedAndDoesNotMatter(string mode, string text)
    {
        System.Collections.Concurrent.ConcurrentQueue<string> logs = [];

        McpServer server = await McpServer.ConnectAsync(TestServer.Options(mode), new McpAttendant { OnLog = logs.Enqueue });

        Assert.Contains(logs, log => log.Contains("log messages", StringComparison.Ordinal) && log.Contains(text, StringComparison.Ordinal));
        Assert.Equal("worked ", (await TestServer.CallAsync(server, "work")).Text);
        await server.CloseAsync();
    }

    [Fact]
    public async Task Tools_OfAServerWithoutTools_AreNone()
    {
        McpServer server = await TestServer.ConnectAsync("no-tools");

        Assert.Empty(await server.GetToolsAsync());
        await server.CloseAsync();
    }

    [Fact]
    public async Task List_ThatArrivesAfterANewerOne_IsNotKept()
    {
        McpServer server = await TestServer.ConnectAsync("overtaken-list");

        Task<IReadOnlyList<McpTool>> first = server.GetToolsAsync();
        await Task.Delay(500);
        IReadOnlyList<McpTool> second = await server.GetToolsAsync();
        await first;

        Assert.Equal("New.", Assert.Single(second).Description);
        Assert.Equal("New.", Assert.Single(await server.GetToolsAsync()).Description);
        await server.CloseAsync();
    }

    [Theory]
    [InlineData("progress-flood")]
    [InlineData("changed-flood")]
    public async Task Notifications_InAFlood_EndWithTheCall(string mode)
    {
        McpServer server = await TestServer.ConnectAsync(mode);

        Assert.Equal("flooded", (await TestServer.CallAsync(server, "work", "{}", new McpAttendant { OnProgress = static _ => { } })).Text);
        Assert.Single(await server.GetToolsAsync());
        await server.CloseAsync();
    }

    [Fact]
    public async Task Child_OfAServerThatEnded_EndsToo()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        McpServer server = await TestServer.ConnectAsync("leaves-a-child");

        McpException error = await Assert.ThrowsAsync<McpException>(() => TestServer.CallAsync(server, "work"));
        int child = int.Parse(error.StandardError!.Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture);

        Assert.True(SpinWait.SpinUntil(() => !TestServer.IsRunning(child), TimeSpan.FromSeconds(30)));
        await server.CloseAsync();
    }

    [Fact]
    public async Task CtrlC_InTheTerminal_DoesNotReachAServer()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        McpServer server = await TestServer.ConnectAsync("echo");

        // The terminal interrupts every process of the group in the foreground.
        Assert.NotEqual(ProcessGroup(Environment.ProcessId), ProcessGroup(server.ProcessId!.Value));
        await server.CloseAsync();
    }

    private static string ProcessGroup(int process) => File.ReadAllText($"/proc/{process}/stat").Split(')')[^1].Split(' ')[3];

    private static async Task<T> Within<T>(Task<T> task)
    {
        Assert.Same(task, await Task.WhenAny(task, Task.Delay(s_bound)));
        return await task;
    }
}
