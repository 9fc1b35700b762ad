using System.Management.Automation;
using Helicone.Tests.Hosting;
using Helicone.Tests.Servers;

namespace Helicone.Tests.Models;

public sealed class ModelTests
{
    [Theory]
    [InlineData("", "claude-4.5-sonnet gpt-4o gpt-4o-mini")]
    [InlineData("gpt-4o", "gpt-4o")]
    [InlineData("GPT*", "gpt-4o gpt-4o-mini")]
    [InlineData("gpt-4o, claude*", "claude-4.5-sonnet gpt-4o")]
    [InlineData("-Provider azure", "gpt-4o-mini")]
    [InlineData("-Author anthropic", "claude-4.5-sonnet")]
    [InlineData("-MaxPromptPrice 2.5", "gpt-4o gpt-4o-mini")]
    [InlineData("-Capability image", "claude-4.5-sonnet gpt-4o")]
    [InlineData("-Capability image, tools -Author openai", "gpt-4o")]
    public async Task Model_IsFoundByWhatIsAsked(string parameters, string ids)
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync("Get-HeliconeModel " + parameters)).AssertNoErrors();

        Assert.Equal(ids, string.Join(' ', result.Texts.Order(StringComparer.Ordinal)));
        Assert.All(result.Output, model => Assert.Equal("Helicone.Registry.ModelInfo", model.TypeNames[0]));
    }

    [Theory]
    [InlineData("'gpt[', 'gpt-4o' | Get-HeliconeModel")]
    [InlineData("Get-HeliconeModel -Provider 'open['")]
    public async Task Wildcard_ThatIsNone_IsOneClearError(string command)
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync(command);

        Assert.Equal("HeliconeInvalidWildcard", result.ErrorId);
        Assert.Equal(ErrorCategory.InvalidArgument, result.Error.CategoryInfo.Category);
        Assert.NotEmpty(result.Error.ErrorDetails.RecommendedAction);
    }

    [Fact]
    public async Task Model_Unknown_IsOneErrorAndNamesItself()
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync("'gpt-4o', 'gpt-nope', 'x*' | Get-HeliconeModel");

        Assert.Equal(["gpt-4o"], result.Texts);
        Assert.Equal("HeliconeModelNotFound", result.ErrorId);
        Assert.Equal("gpt-nope", result.Error.TargetObject);
        Assert.Equal(ErrorCategory.ObjectNotFound, result.Error.CategoryInfo.Category);
    }

    [Fact]
    public async Task Registry_IsAskedOnce_AndAgainOnRefresh()
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        (await shell.RunAsync("$null = Get-HeliconeModel; $null = Get-HeliconeModel")).AssertNoErrors();
        Assert.Equal(1, server.RegistryRequests);

        (await shell.RunAsync("$null = Get-HeliconeModel -Refresh")).AssertNoErrors();
        Assert.Equal(2, server.RegistryRequests);
    }

    [Fact]
    public async Task Registry_NeedsNoKey()
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Variables variables = new(("HELICONE_BASE_URL", server.Uri.ToString()), ("HELICONE_AI_GATEWAY_BASE_URL", server.Uri.ToString()));
        using Shell shell = new();

        Assert.Equal(3, (await shell.RunAsync("Get-HeliconeModel")).AssertNoErrors().Output.Count);
    }

    [Theory]
    [InlineData("Invoke-HeliconeChat x -Model gpt", "gpt-4o gpt-4o-mini")]
    [InlineData("Invoke-HeliconeChat x -Model gpt-4o-mini/", "gpt-4o-mini/openai gpt-4o-mini/azure")]
    [InlineData("Invoke-HeliconeChat x -Fallback cl", "claude-4.5-sonnet")]
    [InlineData("Invoke-HeliconeChat x -ExcludeProvider a", "anthropic azure")]
    [InlineData("Get-HeliconeModel -Provider o", "openai")]
    [InlineData("Get-HeliconeModel -Author a", "anthropic")]
    [InlineData("Get-HeliconeModel -Capability i", "image")]
    [InlineData("Invoke-HeliconeChat x -RateLimitPolicy b", "basic-100")]
    [InlineData("Invoke-HeliconeChat x -Session ni", "nightly")]
    public async Task Tab_CompletesFromWhatIsCached(string line, string words)
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell shell = Shell.ConnectedTo(server.Uri, "-RateLimitPolicy @{ 'basic-100' = '100;w=60' }");
        (await shell.RunAsync("$null = Get-HeliconeModel; Enter-HeliconeSession -Session nightly")).AssertNoErrors();

        Assert.Equal(words, string.Join(' ', Complete(shell, line)));
        Assert.Equal(1, server.RegistryRequests);
    }

    [Fact]
    public async Task Tab_WithNothingCached_NeverWaitsForTheNetwork()
    {
        TaskCompletionSource never = new();
        await using ChatServer server = await ChatServer.SayAsync("ok");
        server.RegistryHeld = never.Task;
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Assert.Contains("gpt-4o-mini", Complete(shell, "Invoke-HeliconeChat x -Model gpt"));
        never.SetResult();
    }

    private static string[] Complete(Shell shell, string line)
    {
        using PowerShell engine = PowerShell.Create(shell.Runspace);
        CommandCompletion completion = CommandCompletion.CompleteInput(line, line.Length, null, engine);
        return completion.CompletionMatches.Select(match => match.CompletionText).ToArray();
    }

    [Fact]
    public async Task Registry_ThatCannotBeReached_IsOneError_AndNoModelIsSaidToBeMissing()
    {
        using Shell shell = Shell.ConnectedTo(new Uri("http://127.0.0.1:1"), "-MaxRetry 0");

        Result result = await shell.RunAsync("Get-HeliconeModel gpt-4o");

        Assert.Equal("HeliconeUnreachable", result.ErrorId);
    }

    [Fact]
    public async Task Tab_BeforeTheFirstCall_CompletesFromTheModule_WhateverTheNetworkDoes()
    {
        using Shell shell = Shell.ConnectedTo(new Uri("http://127.0.0.1:1"), "-MaxRetry 0");

        Result result = (await shell.RunAsync("(TabExpansion2 'Invoke-HeliconeChat x -Model gpt-4o-m' -cursorColumn 37).CompletionMatches.CompletionText")).AssertNoErrors();

        Assert.Contains("gpt-4o-mini", result.Texts);
    }
}
