using System.Management.Automation;
using System.Text.Json.Nodes;
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

    [Theory]
    [InlineData("m\u2019; $global:ran = 1; \u2019")]
    [InlineData("m\u2018; $global:ran = 1; \u201b")]
    [InlineData("m'; $global:ran = 1; '")]
    [InlineData("m$($global:ran = 1)")]
    [InlineData("-WhatIf")]
    public async Task Tab_WritesAnIdAsOneArgument_WhateverARegistryListsAsOne(string id)
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        server.Models = Listed(id);
        using Shell shell = Shell.ConnectedTo(server.Uri);
        (await shell.RunAsync("$null = Get-HeliconeModel")).AssertNoErrors();

        Result result = await shell.RunAsync("""
            $word = (TabExpansion2 'Invoke-HeliconeChat x -Model ' -cursorColumn 29).CompletionMatches[0].CompletionText
            & ([scriptblock]::Create("function f(`$Model, [switch]`$WhatIf) { `$Model }; f -Model $word"))
            "ran: $global:ran"
            """);

        Assert.Equal([id, "ran: "], result.AssertNoErrors().Texts);
    }

    [Fact]
    public async Task Tab_NeverDrivesTheTerminal_WhateverARegistryLists()
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        server.Models = Listed("evil\u001b[2J", "line\nbreak", "good\u202e", "gpt-4o");
        using Shell shell = Shell.ConnectedTo(server.Uri);
        (await shell.RunAsync("$null = Get-HeliconeModel")).AssertNoErrors();

        Result result = (await shell.RunAsync("""
            foreach ($line in 'Invoke-HeliconeChat x -Model ', 'Get-HeliconeModel -Author ', 'Invoke-HeliconeChat x -ExcludeProvider ', 'Invoke-HeliconeChat x -Model gpt-4o/') {
                foreach ($match in (TabExpansion2 $line -cursorColumn $line.Length).CompletionMatches) { $match.CompletionText; $match.ListItemText; $match.ToolTip }
            }
            """)).AssertNoErrors();

        Assert.Contains("gpt-4o", result.Texts);
        Assert.All(result.Texts, static text => Assert.DoesNotContain(text, static c => char.IsControl(c) || c == '\u202e'));
    }

    private static string Listed(params string[] ids) => new JsonArray([.. ids.Select(static id => new JsonObject
    {
        ["id"] = id,
        ["name"] = "Name\u001b[2J",
        ["author"] = "author\u001b[2J",
        ["contextLength"] = 1000,
        ["endpoints"] = new JsonArray(new JsonObject { ["provider"] = "Provider\u001b[2J", ["providerSlug"] = "slug\u001b[2J" }, new JsonObject { ["provider"] = "OpenAI", ["providerSlug"] = "openai" }),
    })]).ToJsonString();
}
