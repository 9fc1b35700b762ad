using System.Management.Automation;
using System.Text.Json.Nodes;
using Helicone.Tests.Hosting;
using Helicone.Tests.Servers;

namespace Helicone.Tests.Tools;

/// <summary>Whatever a model calls, and however often: it ends bounded, the model learns what happened, and nothing runs that was not allowed.</summary>
public sealed class ToolCallTests
{
    private const string Record = "$global:ran = [Collections.Generic.List[object]]::new(); function Get-Thing { param([string] $Name, [int] $Count, [string[]] $Tag, [datetime] $When) $ran.Add(\"$Name|$Count|$($Tag -join ',')|$($When.Year)\"); \"thing $Name\" }; ";

    [Fact]
    public async Task Call_Runs_AndTheModelAnswersWithItsResult()
    {
        await using ChatServer server = await ChatServer.StartAsync(Agent.Calling(("Get-Thing", """{"Name":"a","Count":3,"Tag":["x","y"],"When":"2026-01-31"}"""), ("get-thing", """{"Name":"b"}""")));
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync(Record + "Invoke-HeliconeChat 'x' -Tool Get-Thing")).AssertNoErrors();

        Assert.Equal("done", result.Single.ToString());
        Assert.Equal(["a|3|x,y|2026", "b|0||"], await RanAsync(shell));
        Assert.Equal(["""{"output":["thing a"]}""", """{"output":["thing b"]}"""], server.Results());
        Assert.Equal(["user", "assistant", "tool", "tool"], server.Chats[1].Messages.Select(message => message.Split(':')[0]));
        Assert.Equal("Get-Thing", server.Chats[0].Body["tools"]![0]!["function"]!["name"]!.ToString());
        Result facts = await shell.RunAsync("$a = Invoke-HeliconeChat 'x' -Tool Get-Thing; $a.RoundCount, $a.ToolRuns.Count, $a.ToolRuns[0].Outcome, $a.ToolRuns[0].AllowedBy, $a.Conversation.Messages.Count, $a.TotalTokens, ($a.TotalCost -eq 2 * $a.Cost)");
        Assert.Equal(["2", "2", "Ran", "ReadOnly", "5", "2400", "True"], facts.AssertNoErrors().Texts);
    }

    [Theory]
    [InlineData("Remove-Thing", "{}", "There is no tool 'Remove-Thing'")]
    [InlineData("Get-Thing", """{"Nam":"a"}""", "has no parameter 'Nam'")]
    [InlineData("Get-Thing", """{"Verbose":true}""", "has no parameter 'Verbose'")]
    [InlineData("Get-Thing", """{"OutVariable":"x"}""", "has no parameter 'OutVariable'")]
    [InlineData("Get-Thing", """{"Count":"three"}""", "Count")]
    [InlineData("Get-Thing", """{"When":{"a":1}}""", "When")]
    [InlineData("Get-Thing", """{"Name":"a""", "aren't valid JSON")]
    [InlineData("Get-Thing", """["a"]""", "aren't a JSON object")]
    public async Task Call_ThatCannotBeMade_RunsNothing_AndTheModelIsTold(string name, string arguments, string reason)
    {
        await using ChatServer server = await ChatServer.StartAsync(Agent.Calling((name, arguments)));
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync(Record + "Invoke-HeliconeChat 'x' -Tool Get-Thing | ForEach-Object { $_.ToolRuns[0].Outcome }")).AssertNoErrors();

        Assert.Equal("Refused", result.Single.ToString());
        Assert.Empty(await RanAsync(shell));
        Assert.Contains(reason, JsonNode.Parse(Assert.Single(server.Results()))!["error"]!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Arguments_AreValues_NeverText()
    {
        const string Code = "a'; $global:pwned = 1; Remove-Item /; $(throw 'x') `n \" & {1}";
        await using ChatServer server = await ChatServer.StartAsync(Agent.Calling(("Get-Thing", new JsonObject { ["Name"] = Code }.ToJsonString()), ("script_1", new JsonObject { ["Name"] = Code }.ToJsonString())));
        using Shell shell = Shell.ConnectedTo(server.Uri);

        (await shell.RunAsync(Record + "Invoke-HeliconeChat 'x' -Tool Get-Thing, { param([string] $Name) $ran.Add($Name) } -AllowTool script_*")).AssertNoErrors();

        Assert.Equal([Code + "|0||", Code], await RanAsync(shell));
        Assert.DoesNotContain((await shell.RunAsync("$global:pwned")).Output, item => item is not null);
    }

    [Fact]
    public async Task FiveMegabytesOfArguments_AreRefused()
    {
        await using ChatServer server = await ChatServer.StartAsync(Agent.Calling(("Get-Thing", new JsonObject { ["Name"] = new string('x', 5_000_000) }.ToJsonString())));
        using Shell shell = Shell.ConnectedTo(server.Uri);

        (await shell.RunAsync(Record + "Invoke-HeliconeChat 'x' -Tool Get-Thing")).AssertNoErrors();

        Assert.Empty(await RanAsync(shell));
        Assert.Contains("The maximum is 1,000,000.", Assert.Single(server.Results()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("throw 'boom'", "Failed", "boom")]
    [InlineData("exit 3", "Ran", "output")]
    [InlineData("break", "Ran", "output")]
    [InlineData("break nowhere", "Ran", "output")]
    [InlineData("while ($true) { }", "TimedOut", "stopped after")]
    [InlineData("while ($true) { 'more' }", "TimedOut", "left out")]
    [InlineData("1..100 | ForEach-Object { 'x' * 1MB }", "Ran", "left out")]
    [InlineData("'x' * 100MB", "Ran", "cut")]
    [InlineData("$PSCmdlet.WriteError([Management.Automation.ErrorRecord]::new([Exception]::new('bad'), 'x', 0, $null)); $PSCmdlet.WriteWarning('careful'); 'fine'", "Ran", "\"output\":[\"fine\"],\"errors\":[\"bad\"],\"warnings\":[\"careful\"]")]
    [InlineData("$Host.UI.ReadLine()", "Ran", "errors")]
    [InlineData("Nope-Nothing", "Ran", "errors")]
    [InlineData("Invoke-HeliconeChat 'inner' -Tool Get-Thing | ForEach-Object Content", "Ran", "done")]
    [InlineData("function Again { Again }; Again", "Failed|TimedOut", "error")]
    public async Task Tool_ThatMisbehaves_EndsBounded_AndTheModelGoesOn(string body, string outcome, string result)
    {
        await using ChatServer server = await ChatServer.StartAsync(async exchange =>
        {
            if (exchange.Messages.Contains("user: inner"))
            {
                await exchange.SayAsync("done");
            }
            else
            {
                await Agent.Calling(("script_1", "{}"))(exchange);
            }
        });
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result run = await shell.RunAsync(Record + $"foreach ($i in 1) {{ $a = Invoke-HeliconeChat 'x' -Tool {{ [CmdletBinding()] param() {body} }} -AllowTool * -ToolTimeoutSec 2 }}; $a.ToolRuns[0].Outcome; $a.Content; 'went on'");

        Assert.Equal(["done", "went on"], run.AssertNoErrors().Texts.Skip(1));
        Assert.Contains(run.Texts.First(), outcome.Split('|'));
        Assert.Contains(result, Assert.Single(server.Results()), StringComparison.OrdinalIgnoreCase);
        Assert.True(server.Results()[0].Length <= 16_000);
    }

    [Fact]
    public async Task ModelThatAsksForever_EndsAtTheLimit_WithEverythingThatRanOnTheError()
    {
        await using ChatServer server = await ChatServer.StartAsync(exchange => Agent.CallAsync(exchange, ("Get-Thing", "{}")));
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync(Record + "Invoke-HeliconeChat 'x' -Tool Get-Thing -MaxToolRound 3");

        Assert.Equal("HeliconeToolRoundLimit", result.ErrorId);
        Assert.Equal("x", result.Error.TargetObject);
        Assert.Equal(3, (await RanAsync(shell)).Length);
        Assert.Equal(4, server.Chats.Count);
        Assert.Equal("4", (await shell.RunAsync("$Error[0].Exception.Completion.ToolRuns.Count")).Single.ToString());

        // Every call has its result, so that a provider accepts what follows.
        Assert.Equal(["user", "assistant", "tool", "assistant", "tool", "assistant", "tool", "assistant", "tool"], (await shell.RunAsync("$Error[0].Exception.Completion.Conversation.Messages.Role")).Texts);
    }

    [Fact]
    public async Task AnswerThatWasCutOff_RunsNothing()
    {
        await using ChatServer server = await ChatServer.StartAsync(exchange => Agent.CallAsync(exchange, "length", ("Get-Thing", "{\"Na")));
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync(Record + "Invoke-HeliconeChat 'x' -Tool Get-Thing")).AssertNoErrors();

        Assert.Equal("length", result.Property("FinishReason"));
        Assert.Single(server.Chats);
        Assert.Contains("cut off", Assert.Single(result.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task EmptyAnswer_IsAnAnswer()
    {
        await using ChatServer server = await ChatServer.SayAsync(string.Empty);
        using Shell shell = Shell.ConnectedTo(server.Uri);

        (await shell.RunAsync(Record + "Invoke-HeliconeChat 'x' -Tool Get-Thing")).AssertNoErrors();

        Assert.Single(server.Chats);
    }

    [Fact]
    public async Task Stop_EndsTheTool_AndTheCall()
    {
        await using ChatServer server = await ChatServer.StartAsync(Agent.Calling(("script_1", "{}")));
        using Shell shell = Shell.ConnectedTo(server.Uri);

        TaskCompletionSource began = new();
        using RunningScript script = shell.Start("Invoke-HeliconeChat 'x' -Tool { $began.SetResult(); while ($true) { } } -AllowTool *; 'went on'", null, ("began", began));
        await RunningScript.UntilAsync(() => began.Task.IsCompleted, "the call");
        await script.StopAsync();
        Result result = await script.EndAsync();

        Assert.True(result.Stopped);
        Assert.Empty(result.Output);
        Assert.Single(server.Chats);
    }

    [Fact]
    public async Task Batch_RunsToolsOneAfterAnother_OnThePipelineThread()
    {
        await using ChatServer server = await ChatServer.StartAsync(Agent.Calling(("script_1", "{}"), ("script_1", "{}")));
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync("$global:open = 0; $global:most = 0; $global:threads = @{}; $me = [Environment]::CurrentManagedThreadId; $a = 1..10 | Invoke-HeliconeChat -ThrottleLimit 10 -AllowTool * -Tool { $global:open++; $global:most = [Math]::Max($global:most, $global:open); $global:threads[[Environment]::CurrentManagedThreadId] = 1; [Threading.Thread]::Sleep(5); $global:open-- }; ($a.Input -join ','), ($a.ToolRuns.Count), $global:most, (($global:threads.Keys -join ',') -eq $me)");

        Assert.Equal(["1,2,3,4,5,6,7,8,9,10", "20", "1", "True"], result.AssertNoErrors().Texts);
    }

    [Fact]
    public async Task Batch_ReportsTheLimit_OfEachItem_AndTheOthersGoOn()
    {
        await using ChatServer server = await ChatServer.StartAsync(exchange => exchange.Messages.Contains("user: bad") ? Agent.CallAsync(exchange, ("Get-Thing", "{}")) : exchange.SayAsync("fine"));
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync(Record + "'good', 'bad', 'better' | Invoke-HeliconeChat -Tool Get-Thing -MaxToolRound 2");

        Assert.Equal(["fine", "fine"], result.Texts);
        Assert.Equal(("HeliconeToolRoundLimit", (object)"bad"), (result.ErrorId, result.Error.TargetObject));
    }

    [Fact]
    public async Task Manual_HandsTheCallsBack_AndTheirResultsContinueTheConversation()
    {
        await using ChatServer server = await ChatServer.StartAsync(Agent.Calling(("Get-Thing", """{"Name":"a"}"""), ("Get-Thing", """{"Name":"b"}""")));
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync(Record + "$a = Invoke-HeliconeChat 'x' -Tool Get-Thing -ToolMode Manual; $before = $ran.Count; $m = $a | Invoke-HeliconeToolCall -Tool Get-Thing; $before; Invoke-HeliconeChat -Conversation $a -Message $m -Tool Get-Thing")).AssertNoErrors();

        Assert.Equal(["0", "done"], result.Texts);
        Assert.Equal(["a|0||", "b|0||"], await RanAsync(shell));
        Assert.Equal(["""{"output":["thing a"]}""", """{"output":["thing b"]}"""], server.Results());
    }

    [Fact]
    public async Task DefinitionInOpenAIsForm_IsHandedBack()
    {
        await using ChatServer server = await ChatServer.StartAsync(Agent.Calling(("get_weather", """{"city":"Oslo"}""")));
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync("Invoke-HeliconeChat 'x' -Tool @{ type = 'function'; function = @{ name = 'get_weather'; parameters = @{ type = 'object'; properties = @{ city = @{ type = 'string' } } } } } | ForEach-Object { \"$($_.ToolCalls)\" }")).AssertNoErrors();

        Assert.Equal("get_weather(city: \"Oslo\")", result.Single.ToString());
        Assert.Single(server.Chats);
    }

    [Fact]
    public async Task Key_OfTheConnection_NeverReachesTheModelInAResult()
    {
        await using ChatServer server = await ChatServer.StartAsync(Agent.Calling(("script_1", "{}")));
        using Shell shell = Shell.ConnectedTo(server.Uri);

        (await shell.RunAsync($"Invoke-HeliconeChat 'x' -Tool {{ '{Shell.Key}' }} -AllowTool *")).AssertNoErrors();

        Assert.DoesNotContain(Shell.Key, server.Chats[1].Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-Tool Get-Nothing-At-All", "There is no command")]
    [InlineData("-Tool { param([Parameter(Mandatory)] [scriptblock] $Block) }", "can't use")]
    [InlineData("-Tool Get-*", "isn't the name of a command")]
    [InlineData("-Tool 5", "isn't a tool")]
    [InlineData("-Tool @{ type = 'function' }", "has no name")]
    [InlineData("-Tool Get-Command -ToolChoice Get-Process", "There is no tool")]
    [InlineData("-Tool Get-Command -Body @{ tools = @() }", "either -Tool or -Body")]
    public async Task Tool_ThatIsNone_IsRefused_BeforeAnythingIsSent(string parameters, string reason)
    {
        await using ChatServer server = await ChatServer.SayAsync("x");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync("Invoke-HeliconeChat 'x' " + parameters);

        Assert.Equal("HeliconeInvalidTool", result.ErrorId);
        Assert.Contains(reason, result.Error.ToString(), StringComparison.Ordinal);
        Assert.Empty(server.Chats);
    }

    private static async Task<string[]> RanAsync(Shell shell) => [.. (await shell.RunAsync("$ran")).AssertNoErrors().Texts];
}
