using System.Text.Json.Nodes;
using Helicone.Tests.Hosting;
using Helicone.Tests.Servers;
using Helicone.Tests.Tools;

namespace Helicone.Tests.Mcp;

/// <summary>Tools of MCP servers in the hands of a model: what asks, what the model receives, and what a server may do meanwhile.</summary>
public sealed class McpToolTests
{
    private const string Echo = """{"text":"hi"}""";

    private static string Server => Directory.GetFiles(Path.Combine(Repository.Root, "tests", "Helicone.Mcp.TestServer", "bin"), "Helicone.Mcp.TestServer.dll", SearchOption.AllDirectories).MaxBy(File.GetLastWriteTimeUtc)!;

    [Fact]
    public async Task Tool_Asks_WhateverTheServerClaims()
    {
        await using ChatServer server = await ChatServer.StartAsync(Agent.Calling(("t__echo", Echo)));
        ChoiceHost host = new(_ => ChoiceHost.Yes);
        using Shell shell = Shell.ConnectedTo(server.Uri, host: host);

        Result result = (await shell.RunAsync(Connect("stdio") + "(Invoke-HeliconeChat 'x' -Tool (Get-HeliconeMcpTool t__echo)).ToolRuns.AllowedBy")).AssertNoErrors();

        Assert.Equal("User", result.Single.ToString());
        Assert.Equal(["""{"output":["echo: hi"]}"""], server.Results());
        Assert.Contains("the server claims: read-only", Assert.Single(host.Questions), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tool_WithoutAnyoneToAsk_IsRefused()
    {
        await using ChatServer server = await ChatServer.StartAsync(Agent.Calling(("t__echo", Echo)));
        using Shell shell = Shell.ConnectedTo(server.Uri, host: new ChoiceHost(null));

        (await shell.RunAsync(Connect("stdio") + "Invoke-HeliconeChat 'x' -Tool (Get-HeliconeMcpTool t__echo)")).AssertNoErrors();

        Assert.Contains("needs approval", Assert.Single(server.Results()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-AllowTool 't__e*'", "echo: hi")]
    [InlineData("-AllowTool 'other__*'", "needs approval")]
    [InlineData("-AllowTool * -DenyTool t__echo", "The caller doesn't allow this tool")]
    [InlineData("-AllowTool * -WhatIf", null)]
    public async Task AllowTool_DenyTool_AndWhatIf_Apply(string parameters, string? result)
    {
        await using ChatServer server = await ChatServer.StartAsync(Agent.Calling(("t__echo", Echo)));
        using Shell shell = Shell.ConnectedTo(server.Uri, host: new ChoiceHost(null));

        (await shell.RunAsync(Connect("stdio") + $"Invoke-HeliconeChat 'x' -Tool (Get-HeliconeMcpTool t__echo, t__fail) {parameters}")).AssertNoErrors();

        if (result is not null)
        {
            Assert.Contains(result, Assert.Single(server.Results()), StringComparison.Ordinal);
        }
        else
        {
            Assert.DoesNotContain(server.Chats, chat => chat.Body.ToJsonString().Contains("echo: hi", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Approval_OfAllCalls_IsRememberedUntilTheServerChangesTheTool()
    {
        await using ChatServer server = await ChatServer.StartAsync(Agent.Calling(("t__work", "{}")));
        ChoiceHost host = new(_ => ChoiceHost.YesToAll);
        using Shell shell = Shell.ConnectedTo(server.Uri, host: host);
        (await shell.RunAsync(Connect("names") + "Disconnect-HeliconeMcp")).AssertNoErrors();
        (await shell.RunAsync(Connect("changes"))).AssertNoErrors();

        // The call makes the server change the description, and announce it.
        (await shell.RunAsync("$tool = Get-HeliconeMcpTool t__work; Invoke-HeliconeChat 'x' -Tool $tool")).AssertNoErrors();
        Assert.Single(host.Questions);

        // The tool that was offered is not what it was: even -AllowTool doesn't count.
        (await shell.RunAsync("Invoke-HeliconeChat 'x' -Tool $tool -AllowTool *")).AssertNoErrors();
        Assert.Contains("changed the description of this tool since it was offered", host.Questions[1], StringComparison.Ordinal);

        (await shell.RunAsync("$tool = Get-HeliconeMcpTool t__work; Invoke-HeliconeChat 'x' -Tool $tool")).AssertNoErrors();
        Assert.Contains("changed the description of this tool since you approved it", host.Questions[2], StringComparison.Ordinal);

        (await shell.RunAsync("Invoke-HeliconeChat 'x' -Tool $tool")).AssertNoErrors();
        Assert.Equal(3, host.Questions.Count);
    }

    [Fact]
    public async Task Failure_ThatTheToolReports_GoesToTheModel()
    {
        await using ChatServer server = await ChatServer.StartAsync(Agent.Calling(("t__fail", "{}")));
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync(Connect("stdio") + "$run = (Invoke-HeliconeChat 'x' -Tool (Get-HeliconeMcpTool t__fail) -AllowTool *).ToolRuns; $run.Outcome; $run.Error")).AssertNoErrors();

        Assert.Equal(["Failed", "the disk is full"], result.Texts);
        Assert.Contains("the disk is full", Assert.Single(server.Results()), StringComparison.Ordinal);
        Assert.StartsWith("{\"error\":", server.Results()[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Images_FollowTheResultsInAMessageThatModelsAccept()
    {
        await using ChatServer server = await ChatServer.StartAsync(Agent.Calling(("t__picture", "{}"), ("t__echo", Echo)));
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync(Connect("stdio") + "$a = Invoke-HeliconeChat 'x' -Tool (Get-HeliconeMcpTool) -AllowTool *; $a.ToolRuns[0].Attachments.Kind; $a.Conversation.TurnCount")).AssertNoErrors();

        Assert.Equal(["Image", "Audio", "1"], result.Texts);
        JsonArray messages = server.Chats[^1].Body["messages"]!.AsArray();
        Assert.Equal(["user", "assistant", "tool", "tool", "user"], messages.Select(message => message!["role"]!.ToString()));
        Assert.Equal(["text", "image_url", "input_audio"], messages[^1]!["content"]!.AsArray().Select(part => part!["type"]!.ToString()));
    }

    [Fact]
    public async Task Schemas_AreSentAsTheServerWroteThem()
    {
        await using ChatServer server = await ChatServer.StartAsync(Agent.Calling());
        using Shell shell = Shell.ConnectedTo(server.Uri);

        (await shell.RunAsync(Connect("stdio") + "$tool = Get-HeliconeMcpTool t__echo; Invoke-HeliconeChat 'x' -Tool $tool")).AssertNoErrors();

        Result schema = await shell.RunAsync("$tool.Schema");
        Assert.Equal(schema.Single.ToString(), server.Chats[0].Body["tools"]![0]!["function"]!["parameters"]!.ToJsonString());
    }

    [Fact]
    public async Task Tool_ThatDoesNotEnd_EndsWithTheTimeLimitOfTools()
    {
        await using ChatServer server = await ChatServer.StartAsync(Agent.Calling(("t__slow", """{"milliseconds":60000}""")));
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync(Connect("stdio") + "(Invoke-HeliconeChat 'x' -Tool (Get-HeliconeMcpTool t__slow) -AllowTool * -ToolTimeoutSec 0.5).ToolRuns.Outcome")).AssertNoErrors();

        Assert.Equal("TimedOut", result.Single.ToString());
    }

    [Theory]
    [InlineData("", ChoiceHost.Yes, false)]
    [InlineData("-AllowSampling", ChoiceHost.No, false)]
    [InlineData("-AllowSampling", ChoiceHost.Yes, true)]
    public async Task Sampling_IsOffByDefault_AndAsks(string parameter, int choice, bool answers)
    {
        await using ChatServer server = await ChatServer.StartAsync(exchange => exchange.Body["messages"]!.AsArray().Any(message => message!["content"]?.ToString() == "Why?")
            ? exchange.SayAsync("because")
            : Agent.Calling(("t__ask_model", """{"question":"Why?"}"""))(exchange));
        ChoiceHost host = new(_ => choice);
        using Shell shell = Shell.ConnectedTo(server.Uri, host: host);

        (await shell.RunAsync(Connect("stdio", parameter) + "Invoke-HeliconeChat 'x' -Model gpt-4o -Tool (Get-HeliconeMcpTool t__ask_model) -AllowTool t__ask_model")).AssertNoErrors();

        Assert.Equal(answers, server.Results()[0].Contains("the model said: because", StringComparison.Ordinal));
        Assert.Equal(answers, server.Chats.Any(chat => chat.Body["messages"]![0]!["content"]?.ToString() == "Why?"));
        if (answers)
        {
            Assert.Equal("gpt-4o", server.Chats.Single(chat => chat.Body["messages"]![0]!["content"]?.ToString() == "Why?").Body["model"]!.ToString());
        }
    }

    [Fact]
    public async Task Question_ThatNobodyAnswers_IsDeclined()
    {
        await using ChatServer server = await ChatServer.StartAsync(Agent.Calling(("t__ask_user", "{}")));
        using Shell shell = Shell.ConnectedTo(server.Uri, host: new ChoiceHost(null));

        (await shell.RunAsync(Connect("stdio") + "Invoke-HeliconeChat 'x' -Tool (Get-HeliconeMcpTool t__ask_user) -AllowTool *")).AssertNoErrors();

        Assert.Contains("decline", Assert.Single(server.Results()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stop_EndsTheCall()
    {
        await using ChatServer server = await ChatServer.StartAsync(Agent.Calling(("t__slow", """{"milliseconds":20000}""")));
        using Shell shell = Shell.ConnectedTo(server.Uri);
        (await shell.RunAsync(Connect("stdio"))).AssertNoErrors();
        using RunningScript running = shell.Start("Invoke-HeliconeChat 'x' -Tool (Get-HeliconeMcpTool t__slow) -AllowTool *");
        await RunningScript.UntilAsync(() => running.Streams.Progress.Any(record => record.Activity == "Calling t__slow"), "the tool ran");

        await running.StopAsync();

        Assert.Equal("echo: hi", (await shell.RunAsync("(Invoke-HeliconeMcpTool t__echo @{ text = 'hi' }).Text")).AssertNoErrors().Single.ToString());
    }

    [Fact]
    public async Task Cmdlets_WithoutAServer_SayWhatToDo()
    {
        await using ChatServer server = await ChatServer.StartAsync(Agent.Calling());
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync("Get-HeliconeMcpTool; Get-HeliconeMcp nobody; Get-HeliconeMcp; Disconnect-HeliconeMcp");

        Assert.Equal(["HeliconeMcpNotFound", "HeliconeMcpNotFound"], result.Errors.Select(error => error.FullyQualifiedErrorId.Split(',')[0]));
    }

    private static string Connect(string mode, string parameters = "") => $"$null = Connect-HeliconeMcp dotnet '{Server}', {mode} -Name t {parameters}\n";
}
