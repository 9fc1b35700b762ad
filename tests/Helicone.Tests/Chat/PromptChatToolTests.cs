using System.Text.Json.Nodes;
using Helicone.Tests.Hosting;
using Helicone.Tests.Servers;
using Helicone.Tests.Tools;

namespace Helicone.Tests.Chat;

/// <summary>Tools in Enter-HeliconeChat, and with -Show.</summary>
public sealed class PromptChatToolTests
{
    private const string Functions = "function Get-Temperature { param([string] $City) \"4 degrees in $City\" }; function Remove-Log { param([string] $Name) $global:removed += \"$Name;\"; 'removed' }; ";

    [Fact]
    public async Task ReadOnlyTool_Runs_AndItsResultIsInTheConversation()
    {
        await using ChatServer server = await ChatServer.StartAsync(Agent.Streaming(("Get-Temperature", """{"City":"Oslo"}""")));
        ScreenHost host = new() { Lines = ["How cold is it?", "/exit"] };
        using Shell shell = Shell.ConnectedTo(server.Uri, host: host);

        Result result = (await shell.RunAsync(Functions + "Enter-HeliconeChat -Tool Get-Temperature -PassThru")).AssertNoErrors();

        Assert.Equal(2, server.Chats.Count);
        Assert.Contains("4 degrees in Oslo", server.Results().Single(), StringComparison.Ordinal);
        Assert.Contains("→ Get-Temperature(City: \"Oslo\")", host.Screen, StringComparison.Ordinal);
        Assert.Contains("Get-Temperature ran in ", host.Screen, StringComparison.Ordinal);
        Assert.Equal(1, result.Property("TurnCount"));
    }

    [Fact]
    public async Task ToolThatChangesSomething_Asks_AndYesToAllLastsForTheChat()
    {
        await using ChatServer server = await ChatServer.StartAsync(Agent.Streaming(("Remove-Log", """{"Name":"a"}""")));
        ScreenHost host = new() { Lines = ["one", "two", "/exit"], Choices = [ChoiceHost.YesToAll] };
        using Shell shell = Shell.ConnectedTo(server.Uri, host: host);

        (await shell.RunAsync(Functions + "Enter-HeliconeChat -Tool Remove-Log")).AssertNoErrors();

        Assert.Equal("a;a;", shell.Run("$global:removed").Texts.Single());
        Assert.Single(host.Screen.Split("Tool:      Remove-Log").Skip(1));
    }

    [Fact]
    public async Task NoToAll_EndsTheMessage_AndTheNextMessageAsksAgain()
    {
        await using ChatServer server = await ChatServer.StartAsync(Agent.Streaming(("Remove-Log", """{"Name":"a"}""")));
        ScreenHost host = new() { Lines = ["one", "two", "/exit"], Choices = [ChoiceHost.NoToAll, ChoiceHost.Yes] };
        using Shell shell = Shell.ConnectedTo(server.Uri, host: host);

        Result result = (await shell.RunAsync(Functions + "Enter-HeliconeChat -Tool Remove-Log -PassThru")).AssertNoErrors();

        Assert.Equal("a;", shell.Run("$global:removed").Texts.Single());
        Assert.Equal(3, server.Chats.Count);
        Assert.Equal(2, result.Property("TurnCount"));

        // Providers refuse a call without a result.
        JsonArray messages = server.Chats[1].Body["messages"]!.AsArray();
        Assert.Equal(["user", "assistant", "tool", "user"], messages.Select(message => message!["role"]!.ToString()));
    }

    [Fact]
    public async Task AllowToolAndDenyTool_WorkAsForInvokeHeliconeChat()
    {
        await using ChatServer server = await ChatServer.StartAsync(Agent.Streaming(("Remove-Log", """{"Name":"a"}"""), ("Get-Temperature", """{"City":"Oslo"}""")));
        ScreenHost host = new() { Lines = ["one", "/exit"] };
        using Shell shell = Shell.ConnectedTo(server.Uri, host: host);

        (await shell.RunAsync(Functions + "Enter-HeliconeChat -Tool Remove-Log, Get-Temperature -AllowTool Remove-* -DenyTool get-temp*")).AssertNoErrors();

        Assert.Equal("a;", shell.Run("$global:removed").Texts.Single());
        Assert.Equal("Remove-Log", Assert.Single(server.Chats[0].Body["tools"]!.AsArray())!["function"]!["name"]!.ToString());
        Assert.Contains("Get-Temperature didn't run: ", host.Screen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HostThatCannotAsk_RunsNothing_AndTheModelIsTold()
    {
        await using ChatServer server = await ChatServer.StartAsync(Agent.Streaming(("Remove-Log", """{"Name":"a"}""")));
        ScreenHost host = new() { Lines = ["one", "/exit"] };
        using Shell shell = Shell.ConnectedTo(server.Uri, host: host);

        (await shell.RunAsync(Functions + "Enter-HeliconeChat -Tool Remove-Log")).AssertNoErrors();

        Assert.DoesNotContain(shell.Run("$global:removed").Texts, text => text.Length > 0);
        Assert.Contains("no one can be asked", server.Results().Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ToolCommand_ListsAddsAndRemoves()
    {
        await using ChatServer server = await ChatServer.StartAsync(Agent.Streaming(("Get-Temperature", """{"City":"Oslo"}""")));
        ScreenHost host = new() { Lines = ["/tool", "/tool Get-Temperature, Remove-Log", "one", "/tool off Remove-Log", "two", "/tool off", "/tool", "/exit"] };
        using Shell shell = Shell.ConnectedTo(server.Uri, host: host);

        (await shell.RunAsync(Functions + "Enter-HeliconeChat")).AssertNoErrors();

        Assert.Equal(2, server.Chats[0].Body["tools"]!.AsArray().Count);
        Assert.Single(server.Chats[2].Body["tools"]!.AsArray());
        Assert.Contains("Get-Temperature: none (reads only)\nRemove-Log: unknown", host.Screen, StringComparison.Ordinal);
        Assert.Equal(3, host.Screen.Split("The model has no tools.").Length - 1);
    }

    [Theory]
    [InlineData("/tool No-SuchCommand")]
    [InlineData("/tool off No-SuchCommand")]
    [InlineData("/tool `\"; $global:ran = 1; #")]
    public async Task WrongTool_IsAnError_AndTheChatGoesOn(string line)
    {
        await using ChatServer server = await ChatServer.StartAsync(Agent.Streaming());
        ScreenHost host = new() { Lines = [line, "/exit"] };
        using Shell shell = Shell.ConnectedTo(server.Uri, host: host);

        Result result = await shell.RunAsync("Enter-HeliconeChat");

        Assert.NotEmpty(result.Errors);
        Assert.All(result.Errors, error => Assert.StartsWith("HeliconeInvalidTool", error.FullyQualifiedErrorId, StringComparison.Ordinal));
        Assert.DoesNotContain(shell.Run("$global:ran").Texts, text => text.Length > 0);
    }

    [Fact]
    public async Task FailureAfterATool_KeepsItsResult_SoThatRetryDoesNotRunItAgain()
    {
        int count = 0;
        Func<ChatExchange, Task> agent = Agent.Streaming(("Remove-Log", """{"Name":"a"}"""));
        await using ChatServer server = await ChatServer.StartAsync(exchange => Interlocked.Increment(ref count) == 2 ? exchange.FailAsync(400, "Not this time.") : agent(exchange));
        ScreenHost host = new() { Lines = ["one", "/retry", "/exit"] };
        using Shell shell = Shell.ConnectedTo(server.Uri, host: host);

        Result result = await shell.RunAsync(Functions + "Enter-HeliconeChat -Tool Remove-Log -AllowTool Remove-Log");

        Assert.Equal("HeliconeInvalidRequest", result.ErrorId);
        Assert.Equal("a;", shell.Run("$global:removed").Texts.Single());
        Assert.Equal(["user", "assistant", "tool"], server.Chats[2].Body["messages"]!.AsArray().Select(message => message!["role"]!.ToString()));
        Assert.Contains("/retry asks the model to go on", host.Screen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Undo_AfterATool_RemovesTheWholeTurn()
    {
        await using ChatServer server = await ChatServer.StartAsync(Agent.Streaming(("Get-Temperature", """{"City":"Oslo"}""")));
        ScreenHost host = new() { Lines = ["one", "/undo", "two", "/exit"] };
        using Shell shell = Shell.ConnectedTo(server.Uri, host: host);

        (await shell.RunAsync(Functions + "Enter-HeliconeChat -Tool Get-Temperature")).AssertNoErrors();

        Assert.Equal(["user: two"], server.Chats[2].Messages);
    }

    [Fact]
    public async Task HostileToolCall_DoesNotDriveTheTerminal()
    {
        await using ChatServer server = await ChatServer.StartAsync(Agent.Streaming(("Remove-Log", """{"Name":"\u001b[2J\u202e; Remove-Item /"}""")));
        ScreenHost host = new() { Lines = ["one", "/exit"], Choices = [ChoiceHost.No] };
        using Shell shell = Shell.ConnectedTo(server.Uri, host: host);

        (await shell.RunAsync(Functions + "Enter-HeliconeChat -Tool Remove-Log")).AssertNoErrors();

        Assert.DoesNotContain('\u001b', host.Screen);
        Assert.DoesNotContain('\u202e', host.Screen);
        Assert.Contains("Arguments: Name: ", host.Screen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_WithTools_ShowsEachAnswer_AndWritesTheLastOne()
    {
        await using ChatServer server = await ChatServer.StartAsync(Agent.Streaming(("Get-Temperature", """{"City":"Oslo"}""")));
        ScreenHost host = new();
        using Shell shell = Shell.ConnectedTo(server.Uri, host: host);

        Result result = (await shell.RunAsync(Functions + "Invoke-HeliconeChat 'How cold is it?' -Tool Get-Temperature -Show")).AssertNoErrors();

        Assert.Equal("done", result.Single.ToString());
        int call = host.Screen.IndexOf("→ Get-Temperature(City: \"Oslo\")", StringComparison.Ordinal);
        int answer = host.Screen.IndexOf("done", StringComparison.Ordinal);
        Assert.True(call >= 0 && answer > call, host.Screen);
        Assert.Equal(answer, host.Screen.LastIndexOf("done", StringComparison.Ordinal));
    }

    [Fact]
    public async Task TwoChats_AtOnce_KeepTheirToolsAndConversations()
    {
        await using ChatServer server = await ChatServer.StartAsync(Agent.Streaming(("Get-Temperature", """{"City":"Oslo"}""")));
        ScreenHost first = new() { Lines = ["one", "/exit"] };
        ScreenHost second = new() { Lines = ["two", "/exit"] };
        using Shell one = Shell.ConnectedTo(server.Uri, host: first);
        using Shell two = Shell.ConnectedTo(server.Uri, host: second);

        Result[] results = await Task.WhenAll(
            one.RunAsync(Functions + "Enter-HeliconeChat -Tool Get-Temperature -PassThru"),
            two.RunAsync("Enter-HeliconeChat -PassThru"));

        Assert.All(results, result => result.AssertNoErrors());
        Assert.Contains("Get-Temperature ran", first.Screen, StringComparison.Ordinal);
        Assert.DoesNotContain("Get-Temperature ran", second.Screen, StringComparison.Ordinal);
        Assert.Equal(["user: two"], Assert.Single(server.Chats, chat => chat.Messages[0] == "user: two").Messages);
    }
}
