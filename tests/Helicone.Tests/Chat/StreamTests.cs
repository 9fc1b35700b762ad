using System.Management.Automation;
using Helicone.Tests.Hosting;
using Helicone.Tests.Servers;

namespace Helicone.Tests.Chat;

public sealed class StreamTests
{
    [Fact]
    public async Task Chunk_ReachesThePipeline_BeforeTheServerSendsTheNext()
    {
        TaskCompletionSource seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ChatServer server = await ChatServer.StartAsync(async exchange =>
        {
            await exchange.BeginStreamAsync();
            await exchange.TextAsync("Once");
            await seen.Task;
            await exchange.TextAsync(" upon a time");
            await exchange.FinishAsync();
        });
        using Shell shell = Shell.ConnectedTo(server.Uri);

        using RunningScript script = shell.Start("Invoke-HeliconeChat 'Tell a story' -Stream | ForEach-Object { $_.Text }");
        await RunningScript.UntilAsync(() => script.Output.Any(text => text.BaseObject is "Once"), "the first chunk");
        seen.SetResult();
        Result result = (await script.EndAsync()).AssertNoErrors();

        Assert.Equal("Once upon a time", string.Concat(result.Texts));
    }

    [Fact]
    public async Task LastChunk_CarriesTheWholeCompletion()
    {
        await using ChatServer server = await ChatServer.StartAsync(StoryAsync);
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync("Invoke-HeliconeChat 'Tell a story' -Stream")).AssertNoErrors();

        Assert.All(result.Output.SkipLast(1), chunk => Assert.Null(Result.Property(chunk, "Completion")));
        PSObject completion = PSObject.AsPSObject(Result.Property(result.Output[^1], "Completion"));
        Assert.Equal("Once upon a time", Result.Property(completion, "Content"));
        Assert.Equal("stop", Result.Property(completion, "FinishReason"));
        Assert.Equal("Tell a story", Result.Property(completion, "Input"));
        Assert.NotNull(Result.Property(completion, "TimeToFirstToken"));
    }

    [Fact]
    public async Task Show_PrintsEachPieceAsItArrives_AndNothingOnThePipeline()
    {
        TaskCompletionSource seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ChatServer server = await ChatServer.StartAsync(async exchange =>
        {
            await exchange.BeginStreamAsync();
            await exchange.TextAsync("Once");
            await seen.Task;
            await exchange.TextAsync(" upon a time");
            await exchange.FinishAsync();
        });
        ScreenHost host = new();
        using Shell shell = Shell.ConnectedTo(server.Uri, host: host);

        using RunningScript script = shell.Start("Invoke-HeliconeChat 'Tell a story' -Stream | Show-HeliconeStream");
        await RunningScript.UntilAsync(() => host.Screen == "Once", "the first piece on the screen");
        seen.SetResult();
        Result result = (await script.EndAsync()).AssertNoErrors();

        Assert.StartsWith("Once upon a time\ngpt-4o-mini · 10→4 tokens · ", host.Screen, StringComparison.Ordinal);
        Assert.Empty(result.Output);
    }

    [Fact]
    public async Task Show_PassThru_GivesTheWholeCompletion()
    {
        await using ChatServer server = await ChatServer.StartAsync(StoryAsync);
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync("Invoke-HeliconeChat 'Tell a story' -Stream | Show-HeliconeStream -PassThru")).AssertNoErrors();

        Assert.Equal("Once upon a time", result.Property("Content"));
        Assert.StartsWith("Once upon a timegpt-4o-mini · 10→4 tokens · ", string.Concat(result.Information), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_BreakingOff_IsAnErrorWithThePartialText_NeverAWholeAnswer()
    {
        await using ChatServer server = await ChatServer.StartAsync(async exchange =>
        {
            await exchange.BeginStreamAsync();
            await exchange.TextAsync("Once upon");
        });
        ScreenHost host = new();
        using Shell shell = Shell.ConnectedTo(server.Uri, host: host);

        Result result = await shell.RunAsync("Invoke-HeliconeChat 'Tell a story' -Stream | Show-HeliconeStream -PassThru; $Error[0].Exception.PartialText");

        Assert.Equal(["Once upon"], result.Texts);
        Assert.Equal("Once upon\n", host.Screen);
        Assert.Equal("HeliconeStreamInterrupted", result.ErrorId);
        Assert.Equal("Tell a story", result.Error.TargetObject);
        Assert.Equal(ErrorCategory.ReadError, result.Error.CategoryInfo.Category);
    }

    [Fact]
    public async Task Streams_OfSeveralInputs_FollowOneAnother()
    {
        await using ChatServer server = await ChatServer.StartAsync(async exchange =>
        {
            await exchange.BeginStreamAsync();
            await exchange.TextAsync(exchange.Prompt);
            await exchange.TextAsync("!");
            await exchange.FinishAsync();
        });
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync("'a', 'b' | Invoke-HeliconeChat -Stream | ForEach-Object { $_.Text }")).AssertNoErrors();

        Assert.Equal("a!b!", string.Concat(result.Texts));
    }

    [Fact]
    public async Task Show_Raw_IsTheTextAlone()
    {
        await using ChatServer server = await ChatServer.StartAsync(StoryAsync);
        ScreenHost host = new(terminal: true);
        using Shell shell = Shell.ConnectedTo(server.Uri, host: host);

        (await shell.RunAsync("Invoke-HeliconeChat 'Tell a story' -Stream | Show-HeliconeStream -Raw")).AssertNoErrors();

        Assert.Equal("Once upon a time\n", host.Screen);
    }

    [Theory]
    [InlineData("Invoke-HeliconeChat 'Tell a story' -Show | Out-Default")]
    [InlineData("Invoke-HeliconeChat 'Tell a story' -Stream | Show-HeliconeStream -PassThru | Out-Default")]
    public async Task Show_OfAnAnswerThatEndsAtTheScreen_HasItsTextOnce(string command)
    {
        await using ChatServer server = await ChatServer.StartAsync(StoryAsync);
        ScreenHost host = new();
        using Shell shell = Shell.ConnectedTo(server.Uri, host: host);

        (await shell.RunAsync(command)).AssertNoErrors();

        Assert.Matches(@"^Once upon a time\ngpt-4o-mini · 10→4 tokens · .*\n\s*$", host.Screen);
    }

    [Fact]
    public async Task Show_OfInvoke_PrintsEachPieceAsItArrives_AndWritesTheWholeAnswer()
    {
        TaskCompletionSource seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ChatServer server = await ChatServer.StartAsync(async exchange =>
        {
            await exchange.BeginStreamAsync();
            await exchange.TextAsync("Once");
            await seen.Task;
            await exchange.TextAsync(" upon a time");
            await exchange.FinishAsync();
        });
        ScreenHost host = new();
        using Shell shell = Shell.ConnectedTo(server.Uri, host: host);

        using RunningScript script = shell.Start("$answer = Invoke-HeliconeChat 'Tell a story' -Show; $answer; $answer | Out-Default");
        await RunningScript.UntilAsync(() => host.Screen == "Once", "the first piece on the screen");
        seen.SetResult();
        Result result = (await script.EndAsync()).AssertNoErrors();

        Assert.Equal("Once upon a time", result.Property("Content"));
        Assert.NotNull(result.Property("TimeToFirstToken"));
        Assert.Equal(2, host.Screen.Split("Once upon a time").Length - 1);
    }

    [Theory]
    [InlineData("-Stream")]
    [InlineData("-Journal run.jsonl")]
    [InlineData("-As @{ a = 'string' }")]
    [InlineData("-Hedge 2s")]
    public async Task Show_OfInvoke_WithWhatCannotBeShown_IsRefused_AndNothingIsSent(string parameters)
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync($"Invoke-HeliconeChat 'Hi' -Show {parameters}");

        Assert.Single(result.Errors);
        Assert.Empty(result.Output);
        Assert.Empty(server.Chats);
    }

    [Fact]
    public async Task Show_OfSomethingElse_IsOneClearError()
    {
        using Shell shell = new();

        Result result = await shell.RunAsync("42 | Show-HeliconeStream");

        Assert.Equal("HeliconeInvalidStream", result.ErrorId);
        Assert.Contains("-Stream", result.Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    private static async Task StoryAsync(ChatExchange exchange)
    {
        await exchange.BeginStreamAsync();
        await exchange.TextAsync("Once");
        await exchange.TextAsync(" upon a time");
        await exchange.FinishAsync();
    }
}
