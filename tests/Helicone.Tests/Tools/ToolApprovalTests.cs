using System.Management.Automation;
using Helicone.Tests.Hosting;
using Helicone.Tests.Servers;

namespace Helicone.Tests.Tools;

/// <summary>What runs without a question, what asks, and what never runs, seen from the records of the commands.</summary>
public sealed class ToolApprovalTests
{
    private const string Commands = """
        $global:ran = [Collections.Generic.List[object]]::new()
        function Get-Thing { param() $ran.Add('Get') }
        function Set-Thing { param() $ran.Add('Set') }
        function Get-Odd { [CmdletBinding(SupportsShouldProcess)] param() $ran.Add('Odd') }
        function Set-Low { [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'Low')] param() if ($PSCmdlet.ShouldProcess('x')) { $ran.Add('Low') } }
        function Set-Medium { [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'Medium')] param() if ($PSCmdlet.ShouldProcess('x')) { $ran.Add('Medium') } }
        function Set-High { [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')] param() if ($PSCmdlet.ShouldProcess('x')) { $ran.Add('High') } }
        ${alias:Get-Disguised} = 'Set-Thing'

        """;

    private static readonly string[] s_tools = ["Get-Thing", "Set-Low", "Set-Medium", "Set-High", "Set-Thing", "Get-Odd"];

    [Theory]
    [InlineData("", "", false, "Get Low")]
    [InlineData("", "", true, "Get Low Medium High Set Odd")]
    [InlineData("$ConfirmPreference = 'None'", "", false, "Get Low Medium High Set Odd")]
    [InlineData("$ConfirmPreference = 'Low'", "", true, "Get Low Medium High Set Odd")]
    [InlineData("$ConfirmPreference = 'Medium'", "", false, "Get")]
    [InlineData("$ConfirmPreference = 'High'", "", false, "Get Low")]
    [InlineData("", "-Confirm", true, "Get Low Medium High Set Odd")]
    [InlineData("", "-Confirm:$false", false, "Get Low Medium High Set Odd")]
    [InlineData("$ConfirmPreference = 'Low'", "-Confirm:$false", false, "Get Low Medium High Set Odd")]
    [InlineData("", "-ToolMode WhatIf", true, "Get")]
    [InlineData("", "-ToolMode WhatIf -AllowTool *", true, "Get")]
    [InlineData("", "-AllowTool *", false, "Get Low Medium High Set Odd")]
    [InlineData("", "-AllowTool Set-H*, Get-Odd", false, "Get Low High Odd")]
    [InlineData("", "-DenyTool *", true, "")]
    [InlineData("", "-DenyTool Set-*", true, "Get Odd")]
    [InlineData("", "-DenyTool Set-* -AllowTool *", true, "Get Odd")]
    [InlineData("", "-DenyTool Get-Thing -Confirm:$false", false, "Low Medium High Set Odd")]
    public async Task Matrix(string preference, string parameters, bool canAsk, string ran)
    {
        await using ChatServer server = await ChatServer.StartAsync(Agent.Calling([.. s_tools.Select(name => (name, "{}"))]));
        ChoiceHost host = new(canAsk ? _ => ChoiceHost.Yes : null);
        using Shell shell = Shell.ConnectedTo(server.Uri, host: host);

        (await shell.RunAsync(Commands + preference + $"\n$null = Invoke-HeliconeChat 'x' -Tool {string.Join(", ", s_tools)} {parameters}")).AssertNoErrors();

        Assert.Equal(ran, string.Join(' ', (await shell.RunAsync("$ran")).Texts));
        Assert.Equal(s_tools.Length, server.Results().Length);
    }

    [Theory]
    [InlineData("$ConfirmPreference = 'Low'", "")]
    [InlineData("", "-Confirm")]
    public async Task Confirm_WhereNoOneCanBeAsked_SendsNothing(string preference, string parameters)
    {
        await using ChatServer server = await ChatServer.StartAsync(Agent.Calling(("Get-Thing", "{}")));
        using Shell shell = Shell.ConnectedTo(server.Uri, host: new ChoiceHost(null));

        Result result = await shell.RunAsync(Commands + preference + $"\nInvoke-HeliconeChat 'x' -Tool Get-Thing {parameters}");

        Assert.Single(result.Errors);
        Assert.Empty((await shell.RunAsync("$ran")).Output);
        Assert.Empty(server.Chats);
    }

    [Theory]
    [InlineData("$WhatIfPreference = $true", "")]
    [InlineData("", "-WhatIf -AllowTool *")]
    public async Task WhatIf_SendsNothing_SoThatNothingIsCalled(string preference, string parameters)
    {
        await using ChatServer server = await ChatServer.StartAsync(Agent.Calling(("Get-Thing", "{}")));
        using Shell shell = Shell.ConnectedTo(server.Uri, host: new ChoiceHost(_ => ChoiceHost.Yes));

        (await shell.RunAsync(Commands + preference + $"\nInvoke-HeliconeChat 'x' -Tool Get-Thing {parameters}")).AssertNoErrors();

        Assert.Empty((await shell.RunAsync("$ran")).Output);
        Assert.Empty(server.Chats);
    }

    [Fact]
    public async Task Alias_IsTheCommandThatItLeadsTo()
    {
        await using ChatServer server = await ChatServer.StartAsync(Agent.Calling(("Set-Thing", "{}"), ("Get-Disguised", "{}")));
        using Shell shell = Shell.ConnectedTo(server.Uri, host: new ChoiceHost(null));

        (await shell.RunAsync(Commands + "Invoke-HeliconeChat 'x' -Tool Get-Disguised")).AssertNoErrors();

        Assert.Empty((await shell.RunAsync("$ran")).Output);
        Assert.Contains("needs approval", server.Results()[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Question_ShowsCommandArgumentsReasonAndImpact_AndNothingDrivesTheTerminal()
    {
        await using ChatServer server = await ChatServer.StartAsync(Agent.Calling(("script_1", """{"Path":"a\u001b[2Jb\nImpact: none"}""")));
        ChoiceHost host = new(_ => ChoiceHost.No);
        using Shell shell = Shell.ConnectedTo(server.Uri, host: host);

        Result result = (await shell.RunAsync("Invoke-HeliconeChat 'x' -Tool { param([string] $Path) 'it ran' } | ForEach-Object { $_.ToolRuns[0].Outcome }")).AssertNoErrors();

        string question = Assert.Single(host.Questions);
        Assert.Equal("Denied", result.Single.ToString());
        Assert.DoesNotContain('\u001b', question);
        Assert.Equal(4, question.Split('\n').Length);
        Assert.Contains("'it ran'", question, StringComparison.Ordinal);
        Assert.Contains("Path: \"a", question, StringComparison.Ordinal);
        Assert.Contains("Reason:    I need it.", question, StringComparison.Ordinal);
        Assert.Contains("Impact:    unknown", question, StringComparison.Ordinal);
        Assert.Contains("The user denied this call.", server.Results()[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ChoiceHost.Yes, 3, 3, 2)]
    [InlineData(ChoiceHost.YesToAll, 1, 3, 2)]
    [InlineData(ChoiceHost.No, 3, 0, 2)]
    [InlineData(ChoiceHost.NoToAll, 1, 0, 1)]
    public async Task Answer_CountsForTheCall_OrForAll(int choice, int questions, int runs, int requests)
    {
        await using ChatServer server = await ChatServer.StartAsync(Agent.Calling(("Set-Thing", "{}"), ("Set-Thing", "{}"), ("Set-Thing", "{}")));
        ChoiceHost host = new(_ => choice);
        using Shell shell = Shell.ConnectedTo(server.Uri, host: host);

        Result result = (await shell.RunAsync(Commands + "Invoke-HeliconeChat 'x' -Tool Set-Thing")).AssertNoErrors();

        Assert.Equal(questions, host.Questions.Count);
        Assert.Equal(runs, (await shell.RunAsync("$ran")).Output.Count);
        Assert.Equal(requests, server.Chats.Count);
        Assert.Equal(choice == ChoiceHost.NoToAll ? 1 : 0, result.Warnings.Count);
        Assert.Equal(3, ((System.Collections.ICollection)result.Property("ToolRuns")!).Count);
    }

    [Fact]
    public async Task Suspend_OpensANestedPrompt_AndAsksAgain()
    {
        await using ChatServer server = await ChatServer.StartAsync(Agent.Calling(("Set-Thing", "{}")));
        ChoiceHost host = new(asked => asked == 1 ? ChoiceHost.Suspend : ChoiceHost.Yes);
        using Shell shell = Shell.ConnectedTo(server.Uri, host: host);

        (await shell.RunAsync(Commands + "Invoke-HeliconeChat 'x' -Tool Set-Thing")).AssertNoErrors();

        Assert.Equal((2, 1), (host.Questions.Count, host.NestedPrompts));
        Assert.Single((await shell.RunAsync("$ran")).Output);
    }

    [Fact]
    public async Task ToolCallByHand_NeedsTheSameApproval()
    {
        await using ChatServer server = await ChatServer.StartAsync(exchange => Agent.CallAsync(exchange, ("Get-Thing", "{}"), ("Set-Thing", "{}")));
        using Shell shell = Shell.ConnectedTo(server.Uri, host: new ChoiceHost(null));

        Result result = (await shell.RunAsync(Commands + "$t = 'Get-Thing', 'Set-Thing'; $a = Invoke-HeliconeChat 'x' -Tool $t -ToolMode Manual; $a | Invoke-HeliconeToolCall -Tool $t; $a | Invoke-HeliconeToolCall -Tool $t -WhatIf; $a.ToolCalls | Invoke-HeliconeToolCall -Tool $t -AllowTool Set-Thing")).AssertNoErrors();

        Assert.Equal(6, result.Output.Count);
        Assert.Equal(["Get", "Get", "Get", "Set"], (await shell.RunAsync("$ran")).Texts);
    }
}
