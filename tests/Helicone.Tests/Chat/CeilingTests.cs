using System.Management.Automation;
using Helicone.Tests.Hosting;
using Helicone.Tests.Servers;

namespace Helicone.Tests.Chat;

/// <summary>-MaxCost, -WhatIf, -Confirm, and Measure-HeliconePrompt: the spending limits, and the information before anything is spent.</summary>
public sealed class CeilingTests
{
    [Fact]
    public async Task MaxCost_EndsTheRunWithOneError_AndNamesWhatWasNotSent()
    {
        await using ChatServer server = await ChatServer.SayAsync("Hi");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        // A response of 1,000 tokens is $0.0008 at the most expensive provider. Each call turns out to cost $0.00027, so the fourth doesn't fit.
        Result result = await shell.RunAsync("try { 1..20 | Invoke-HeliconeChat -Model gpt-4o-mini -MaxTokens 1000 -MaxCost 0.0015 -ThrottleLimit 1 } catch { throw }");

        Assert.Equal("HeliconeBudgetExceeded", result.ErrorId);
        Assert.True(result.Terminated);
        Assert.Equal(ErrorCategory.QuotaExceeded, result.Error.CategoryInfo.Category);
        Assert.Contains("The spending ceiling is reached", result.Error.ToString(), StringComparison.Ordinal);
        Assert.Contains("has been spent", result.Error.ToString(), StringComparison.Ordinal);
        Assert.Equal(3, server.Chats.Count);
        Assert.Equal(3, result.Output.Count);
        Assert.Equal(["1", "0.00081"], (await shell.RunAsync("$Error[0].Exception.Unanswered.Count; $Error[0].Exception.InnerException.Budget.Spent")).Texts);
        Assert.Equal(4, result.Error.TargetObject);
    }

    [Fact]
    public async Task MaxCost_RefusesACall_BeforeItIsSent()
    {
        await using ChatServer server = await ChatServer.SayAsync("Hi");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync("Invoke-HeliconeChat 'x' -Model gpt-4o-mini -MaxTokens 100000 -MaxCost 0.01");

        Assert.Equal("HeliconeBudgetExceeded", result.ErrorId);
        Assert.Contains("up to $0.08", result.Error.ToString(), StringComparison.Ordinal);
        Assert.Equal("x", result.Error.TargetObject);
        Assert.Empty(server.Chats);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    public async Task MaxCost_IsMoreThanNothing(string value)
    {
        await using ChatServer server = await ChatServer.SayAsync("Hi");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Assert.Equal("HeliconeInvalidOption", (await shell.RunAsync($"Invoke-HeliconeChat 'x' -MaxCost {value}")).ErrorId);
        Assert.Equal("HeliconeInvalidOption", (await shell.RunAsync($"Connect-Helicone sk-helicone-x -MaxCost {value}")).ErrorId);
        Assert.Empty(server.Chats);
    }

    [Theory]
    [InlineData("Invoke-HeliconeChat 'x' -MaxCost $notSet")]
    [InlineData("Invoke-HeliconeChat 'x' -MaxCost $null")]
    [InlineData("Connect-Helicone sk-helicone-x -MaxCost $notSet")]
    public async Task MaxCost_OfAVariableThatIsNotSet_IsAnError_NotACallWithoutACeiling(string command)
    {
        await using ChatServer server = await ChatServer.SayAsync("Hi");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync(command);

        Assert.StartsWith("ParameterArgumentValidationError", result.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("MaxCost", result.Error.ToString(), StringComparison.Ordinal);
        Assert.Empty(server.Chats);
    }

    [Fact]
    public async Task MaxCost_OfLessThanAMillionthOfADollar_IsNotCalledZero()
    {
        await using ChatServer server = await ChatServer.SayAsync("Hi");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync("Invoke-HeliconeChat 'x' -Model gpt-4o-mini -MaxTokens 1000 -MaxCost 0.0000001");

        Assert.Contains("the spending ceiling of $0.0000001 ", result.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task UnknownPrice_IsAnErrorOfItsOwn()
    {
        await using ChatServer server = await ChatServer.SayAsync("Hi");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync("Invoke-HeliconeChat 'x' -Model unheard-of -MaxCost 1");

        Assert.Equal("HeliconePriceUnknown", result.ErrorId);
        Assert.Contains("'unheard-of'", result.Error.ToString(), StringComparison.Ordinal);
        Assert.Empty(server.Chats);
    }

    [Fact]
    public async Task ConnectionsCeiling_CountsAllCommands_AndShowsWhatWasSpent()
    {
        await using ChatServer server = await ChatServer.SayAsync("Hi");
        using Shell shell = Shell.ConnectedTo(server.Uri, "-MaxCost 0.0015");

        Result first = await shell.RunAsync("Invoke-HeliconeChat 'x' -Model gpt-4o-mini -MaxTokens 1000 | Out-Null; (Get-HeliconeConnection).Spent -gt 0; (Get-HeliconeConnection).MaxCost");
        Result later = await shell.RunAsync("1..30 | ForEach-Object { Invoke-HeliconeChat 'x' -Model gpt-4o-mini -MaxTokens 1000 -ErrorAction Stop }");

        Assert.Equal(["True", "0.0015"], first.AssertNoErrors().Texts);
        Assert.Equal("HeliconeBudgetExceeded", later.ErrorId);
    }

    [Fact]
    public async Task WhatIf_SendsNothing_NotEvenForPrices_AndLeavesNoJournal()
    {
        string journal = Path.Combine(Directory.CreateTempSubdirectory("helicone-whatif-").FullName, "run.jsonl");
        ScreenHost host = new();
        await using ChatServer server = await ChatServer.SayAsync("Hi");
        using Shell shell = Shell.ConnectedTo(server.Uri, host: host);

        Result result = await shell.RunAsync($"'a', 'b' | Invoke-HeliconeChat -Model gpt-4o-mini -MaxTokens 100 -Journal '{journal}' -WhatIf; Invoke-HeliconeChat \"x$([char]27)]0;title\" -Stream -WhatIf");

        Assert.Empty(result.AssertNoErrors().Output);
        Assert.Empty(server.Chats);
        Assert.Equal(0, server.RegistryRequests);
        Assert.False(File.Exists(journal));
        string[] shown = host.Screen.Split('\n').Where(line => line.StartsWith("What if:", StringComparison.Ordinal)).ToArray();
        Assert.Equal(3, shown.Length);
        Assert.Contains($"POST {server.Uri}v1/chat/completions (", shown[0], StringComparison.Ordinal);
        Assert.Contains("prompt tokens, at most $", shown[0], StringComparison.Ordinal);
        Assert.Contains("\"content\":\"a\"", shown[0], StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', host.Screen);
    }

    [Fact]
    public async Task Measure_ComparesModels_AndSendsThemNothing()
    {
        await using ChatServer server = await ChatServer.SayAsync("Hi");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync("'hello world', 'and more' | Measure-HeliconePrompt 'What is this?' -Model gpt-4o-mini, unheard-of -MaxTokens 10");

        Assert.Equal(2, result.AssertNoErrors().Output.Count);
        Assert.Equal("gpt-4o-mini", Result.Property(result.Output[0], "Model"));
        Assert.Equal(false, Result.Property(result.Output[0], "IsEstimate"));
        Assert.NotNull(Result.Property(result.Output[0], "HighestCost"));
        Assert.Null(Result.Property(result.Output[1], "HighestCost"));
        Assert.Empty(server.Chats);
    }

    [Theory]
    [InlineData("Send-HeliconeLog 'asked' 'answered' -Model mine -PassThru", "Write an entry to the log")]
    [InlineData("Connect-Helicone -Local; Get-HeliconeGateway", "Start a Helicone gateway")]
    [InlineData("Start-HeliconeGateway; Get-HeliconeGateway", "Start a Helicone gateway")]
    public async Task WhatIf_OfEveryCommandThatSendsOrStarts_DescribesIt_AndDoesNothing(string script, string described)
    {
        ScreenHost host = new();
        await using ChatServer server = await ChatServer.SayAsync("Hi");
        using Shell shell = Shell.ConnectedTo(server.Uri, host: host);

        Result result = await shell.RunAsync("$WhatIfPreference = $true; " + script);

        Assert.Empty(result.AssertNoErrors().Output);
        Assert.Contains("What if:", host.Screen, StringComparison.Ordinal);
        Assert.Contains(described, host.Screen, StringComparison.Ordinal);
    }
}
