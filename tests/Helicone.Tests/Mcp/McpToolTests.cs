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
    public async Task Question_ShowsAListAsTheUserWouldTypeIt_AndAnEmptyLineIsTheDefault()
    {
        await using ChatServer server = await ChatServer.StartAsync(Agent.Calling(("t__ask_list", "{}")));
        ChoiceHost host = new(_ => 0);
        using Shell shell = Shell.ConnectedTo(server.Uri, host: host);

        (await shell.RunAsync(Connect("stdio") + "Invoke-HeliconeChat 'x' -Tool (Get-HeliconeMcpTool t__ask_list) -AllowTool *")).AssertNoErrors();

        Assert.Contains(host.Written, text => text.Contains("(a, b, c) [a, c]: ", StringComparison.Ordinal));
        Assert.Contains("accept: [", server.Results()[0], StringComparison.Ordinal);
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

    [Fact]
    public async Task Sampling_InALoop_EndsWithTheBound()
    {
        await using ChatServer server = await SamplingServerAsync();
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync(Connect("sampling-until-refused", "-AllowSampling") + "$a = Invoke-HeliconeChat 'x' -Model gpt-4o-mini -Tool (Get-HeliconeMcpTool) -AllowTool *, *__sampling; $a.ToolRuns.Completions.Count; $a.TotalCost -eq 12 * $a.ToolRuns.Completions[0].Cost")).AssertNoErrors();

        Assert.StartsWith("{\"output\":[\"10 answers, then: A server may send at most 10", server.Results()[0], StringComparison.Ordinal);
        Assert.Equal(["10", "True"], result.Texts);
        Assert.Equal(10, server.Chats.Count(IsSampling));
    }

    [Fact]
    public async Task Sampling_UnderACeiling_EndsWithIt_AndOnlyTheUserLearnsTheNumbers()
    {
        await using ChatServer server = await SamplingServerAsync();
        using Shell shell = Shell.ConnectedTo(server.Uri);

        // Each call is reserved with $0.0008 at most and costs $0.00027: after the first round, two requests of the server fit.
        Result result = await shell.RunAsync(Connect("sampling-until-refused", "-AllowSampling") + "Invoke-HeliconeChat 'x' -Model gpt-4o-mini -MaxTokens 1000 -MaxCost 0.0012 -Tool (Get-HeliconeMcpTool) -AllowTool *, t__sampling -WarningVariable warnings -WarningAction SilentlyContinue -ErrorVariable failed -ErrorAction SilentlyContinue | Out-Null; $failed[0].FullyQualifiedErrorId; $failed.Where({ $_.Exception.Completion })[0].Exception.Completion.ToolRuns[0].Result; $failed.Where({ $_.Exception.Completion })[0].Exception.Cost -le 0.0012; \"$warnings\"");

        Assert.Equal("HeliconeBudgetExceeded,Helicone.Commands.InvokeHeliconeChatCommand", Text(result, 0));
        Assert.Matches("[1-9] answers, then: The request to the model failed", Text(result, 1));
        Assert.DoesNotContain("0.0012", Text(result, 1), StringComparison.Ordinal);
        Assert.Equal("True", Text(result, 2));
        Assert.Contains("wanted to ask a model, which failed: The call could cost up to", Text(result, 3), StringComparison.Ordinal);
        Assert.True(server.Chats.Count(IsSampling) is > 0 and < 5, server.Chats.Count.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("t__*", "", false)]
    [InlineData("*", "", false)]
    [InlineData("t__*, t__sampling", "", true)]
    [InlineData("t__*, *__sampling", "", true)]
    [InlineData("t__*, t__sampling", "-DenyTool t__sampling", false)]
    public async Task Sampling_IsApprovedInAdvance_OnlyByItsName(string allowed, string parameters, bool answers)
    {
        await using ChatServer server = await SamplingServerAsync();
        using Shell shell = Shell.ConnectedTo(server.Uri, host: new ChoiceHost(null));

        (await shell.RunAsync(Connect("sampling-until-refused", "-AllowSampling") + $"Invoke-HeliconeChat 'x' -Model gpt-4o-mini -Tool (Get-HeliconeMcpTool) -AllowTool {allowed} {parameters}")).AssertNoErrors();

        Assert.Equal(answers, server.Chats.Any(IsSampling));
    }

    [Fact]
    public async Task Sampling_OfEachItem_UsesTheOptionsOfThatItem()
    {
        await using ChatServer server = await SamplingServerAsync();
        using Shell shell = Shell.ConnectedTo(server.Uri);

        (await shell.RunAsync(Connect("sampling-until-refused", "-AllowSampling") + "'a', 'b' | Invoke-HeliconeChat { \"question $_\" } -ForEach -ThrottleLimit 1 -Model gpt-4o-mini -UserId { $_ } -Tool (Get-HeliconeMcpTool) -AllowTool *, *__sampling")).AssertNoErrors();

        Assert.Equal(["a", "b"], server.Chats.Where(IsSampling).Select(chat => chat.Headers["Helicone-User-Id"]).Distinct().Order());
    }

    [Theory]
    [InlineData("log-flood", "-Verbose")]
    [InlineData("progress-flood", "")]
    [InlineData("changed-flood", "")]
    public async Task Flood_OfAServer_IsBoundedAndTheCallEnds(string mode, string parameters)
    {
        await using ChatServer server = await ChatServer.StartAsync(Agent.Calling(("t__work", "{}")));
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync(Connect(mode) + $"(Invoke-HeliconeChat 'x' -Tool (Get-HeliconeMcpTool) -AllowTool * {parameters}).Content")).AssertNoErrors();

        Assert.Equal("done", result.Single.ToString());
        Assert.Contains("flooded", server.Results()[0], StringComparison.Ordinal);
        Assert.True(result.Verbose.Count(text => text.Contains("flood", StringComparison.Ordinal)) <= 1_000);
    }

    [Fact]
    public async Task Tool_InSeveralRunspacesAtOnce_SharesTheServer()
    {
        await using ChatServer server = await ChatServer.StartAsync(Agent.Calling(("t__echo", Echo)));
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync(Connect("stdio") + "$tool = Get-HeliconeMcpTool t__echo; $c = Get-HeliconeConnection; 1..8 | ForEach-Object -Parallel { Import-Module $using:module; (Invoke-HeliconeMcpTool $using:tool @{ text = \"$_\" }).Text; (Invoke-HeliconeChat 'x' -Connection $using:c -Tool $using:tool -AllowTool *).ToolRuns.Outcome } -ThrottleLimit 4; Get-HeliconeMcp t | ForEach-Object RestartCount", null, ("module", Path.Combine(Repository.Root, "module", "Helicone.psd1")))).AssertNoErrors();

        Assert.Equal(Enumerable.Range(1, 8).Select(i => $"echo: {i}"), result.Texts.Where(text => text.StartsWith("echo", StringComparison.Ordinal)).Order());
        Assert.Equal(8, result.Texts.Count(text => text == "Ran"));
        Assert.Equal("0", Text(result, ^1));
    }

    [Fact]
    public async Task Servers_OfTwoRunspaces_AreApart()
    {
        await using ChatServer server = await ChatServer.StartAsync(Agent.Calling(("t__echo", Echo)));
        using Shell one = Shell.ConnectedTo(server.Uri);
        using Shell two = Shell.ConnectedTo(server.Uri);

        Result[] results = await Task.WhenAll(one.RunAsync(Connect("stdio") + "(Get-HeliconeMcp).ProcessId"), two.RunAsync(Connect("stdio") + "(Get-HeliconeMcp).ProcessId"));
        (await one.RunAsync("Disconnect-HeliconeMcp")).AssertNoErrors();

        Assert.NotEqual(results[0].Single.ToString(), results[1].Single.ToString());
        Assert.Equal("echo: hi", (await two.RunAsync("(Invoke-HeliconeMcpTool t__echo @{ text = 'hi' }).Text")).AssertNoErrors().Single.ToString());
    }

    [Fact]
    public async Task Stop_WhileConnecting_LeavesNoProcess()
    {
        await using ChatServer server = await ChatServer.StartAsync(Agent.Calling());
        using Shell shell = Shell.ConnectedTo(server.Uri);
        using RunningScript running = shell.Start($"Connect-HeliconeMcp dotnet '{Server}', silent, stop-while-connecting -Name t");
        await RunningScript.UntilAsync(() => running.Streams.Progress.Any(record => record.Activity == "Connecting to t" && record.StatusDescription.Contains("to start", StringComparison.Ordinal)), "the progress of a slow start");

        await running.StopAsync();

        Assert.Empty((await shell.RunAsync("Get-HeliconeMcp")).AssertNoErrors().Output);
        Assert.DoesNotContain(System.Diagnostics.Process.GetProcessesByName("dotnet"), process => OperatingSystem.IsLinux() && File.Exists($"/proc/{process.Id}/cmdline") && File.ReadAllText($"/proc/{process.Id}/cmdline").Contains("stop-while-connecting", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("-Uri example.com/mcp", "isn't an http or https address")]
    [InlineData("-Uri ftp://example.com/mcp", "isn't an http or https address")]
    [InlineData("dotnet -Name \"a$([char]27)b\"", "control characters")]
    public async Task Connect_WithInvalidInput_EndsBeforeAnythingStarts(string parameters, string text)
    {
        await using ChatServer server = await ChatServer.StartAsync(Agent.Calling());
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync($"try {{ Connect-HeliconeMcp {parameters} }} catch {{ $_.FullyQualifiedErrorId; \"$_\" }}");

        Assert.StartsWith("HeliconeInvalidMcp,", Text(result, 0), StringComparison.Ordinal);
        Assert.Contains(text, Text(result, 1), StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', Text(result, 1));
    }

    [Fact]
    public async Task Servers_WhoseToolsWouldBeNamedAlike_AreNotConnectedTogether()
    {
        await using ChatServer server = await ChatServer.StartAsync(Agent.Calling());
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync(Connect("stdio") + $"$null = Connect-HeliconeMcp dotnet '{Server}', stdio -Name 'a b'; try {{ Connect-HeliconeMcp dotnet '{Server}', stdio -Name 'a__b' }} catch {{ $_.FullyQualifiedErrorId }}; (Get-HeliconeMcpTool a*echo).Name");

        Assert.Equal(["HeliconeInvalidMcp,Helicone.Commands.ConnectHeliconeMcpCommand", "a_b__echo"], result.Texts);
    }

    private static string Text(Result result, Index index) => result.Texts.ToArray()[index];

    private static bool IsSampling(ChatExchange chat) => chat.Body["messages"]![0]!["content"]?.ToString() == "again";

    // Calls the tool, says something to each request of the server, and is done.
    private static Task<ChatServer> SamplingServerAsync() => ChatServer.StartAsync(exchange => IsSampling(exchange)
        ? exchange.RespondAsync(200, new JsonObject
        {
            ["id"] = "chatcmpl-2",
            ["model"] = "gpt-4o-mini",
            ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = "because" }, ["finish_reason"] = "stop" }),
            ["usage"] = new JsonObject { ["prompt_tokens"] = 1000, ["completion_tokens"] = 200, ["total_tokens"] = 1200 },
        }.ToJsonString())
        : exchange.Body["messages"]!.AsArray().Any(message => message!["role"]!.ToString() == "tool")
            ? exchange.RespondAsync(200, new JsonObject
            {
                ["id"] = "chatcmpl-3",
                ["model"] = "gpt-4o-mini",
                ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = "done" }, ["finish_reason"] = "stop" }),
                ["usage"] = new JsonObject { ["prompt_tokens"] = 1000, ["completion_tokens"] = 200, ["total_tokens"] = 1200 },
            }.ToJsonString())
            : Agent.CallAsync(exchange, ("t__work", "{}")));

    private static string Connect(string mode, string parameters = "") => $"$null = Connect-HeliconeMcp dotnet '{Server}', {mode} -Name t {parameters}\n";
}
