using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security;
using Helicone.Chat;

namespace Helicone.Mcp.Tests;

public sealed class HonestServerTests
{
    [Fact]
    public async Task Connect_OverStdio_ReportsTheServer()
    {
        McpServer server = await TestServer.ConnectAsync("stdio");

        Assert.True(server.IsConnected);
        Assert.Equal("stdio", server.Transport);
        Assert.StartsWith("Helicone.Mcp.TestServer", server.ServerInfo, StringComparison.Ordinal);
        Assert.Equal("Be kind.", server.Instructions);
        Assert.Contains("tools", server.Capabilities);
        await server.CloseAsync();
        Assert.False(server.IsConnected);
    }

    [Fact]
    public async Task Tools_HaveNamesOfTheServerAndSchemasAsTheyAre()
    {
        McpServer server = await TestServer.ConnectAsync("stdio");

        McpTool echo = (await server.GetToolsAsync()).Single(tool => tool.ToolName == "echo");

        Assert.Equal("test__echo", echo.Name);
        Assert.Equal("""{"type":"object","properties":{"text":{"description":"The text.","type":"string"}},"required":["text"]}""", echo.Schema);
        Assert.Contains("\"name\":\"test__echo\"", echo.Definition.Json, StringComparison.Ordinal);
        Assert.True(echo.Hints.ReadOnly);
        await server.CloseAsync();
    }

    [Fact]
    public async Task Call_ReturnsTextImagesAudioAndResourcesAsContentParts()
    {
        McpServer server = await TestServer.ConnectAsync("stdio");

        McpToolResult result = await TestServer.CallAsync(server, "picture");

        Assert.Equal([ContentPartKind.Text, ContentPartKind.Image, ContentPartKind.Audio, ContentPartKind.Text], result.Content.Select(part => part.Kind));
        Assert.StartsWith("data:image/png;base64,iVBOR", result.Content[1].Url, StringComparison.Ordinal);
        Assert.Equal("wav", result.Content[2].Format);
        Assert.Equal("A red pixel.\na note", result.Text);
        await server.CloseAsync();
    }

    [Fact]
    public async Task Call_WithStructuredContent_KeepsIt()
    {
        McpServer server = await TestServer.ConnectAsync("stdio");

        McpToolResult result = await TestServer.CallAsync(server, "structured", """{"city":"Oslo"}""");

        Assert.Equal("""{"city":"Oslo","celsius":21.5}""", result.StructuredContent);
        await server.CloseAsync();
    }

    [Fact]
    public async Task Call_ThatFails_IsAResultThatSaysSo()
    {
        McpServer server = await TestServer.ConnectAsync("stdio");

        McpToolResult result = await TestServer.CallAsync(server, "fail");

        Assert.True(result.IsError);
        Assert.Equal("the disk is full", result.Text);
        await server.CloseAsync();
    }

    [Fact]
    public async Task Call_ReportsProgressAndLogs()
    {
        McpServer server = await TestServer.ConnectAsync("stdio");
        ConcurrentQueue<McpProgress> progress = [];
        ConcurrentQueue<string> logs = [];
        McpAttendant attendant = new() { OnProgress = progress.Enqueue, OnLog = logs.Enqueue };

        Assert.Equal("done", (await TestServer.CallAsync(server, "slow", """{"milliseconds":40}""", attendant)).Text);
        await TestServer.CallAsync(server, "log", """{"text":"beep"}""", attendant);

        // Messages may arrive just after the result that they precede.
        Assert.True(SpinWait.SpinUntil(() => !logs.IsEmpty && progress.Any(step => step.Percent == 100), TimeSpan.FromSeconds(30)));
        Assert.Contains(progress, step => step.Message == "step 2");
        Assert.Contains("test (warning): beep", logs);
        await server.CloseAsync();
    }

    [Fact]
    public async Task Call_ThatIsCanceled_EndsAtOnceAndTheServerGoesOn()
    {
        McpServer server = await TestServer.ConnectAsync("stdio");
        McpTool slow = (await server.GetToolsAsync()).Single(tool => tool.ToolName == "slow");
        using CancellationTokenSource stop = new();
        McpAttendant attendant = new() { OnProgress = _ => stop.Cancel() };
        Stopwatch watch = Stopwatch.StartNew();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => slow.CallAsync("""{"milliseconds":40000}""", attendant, null, stop.Token));

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30));
        Assert.Equal("echo: still here", (await TestServer.CallAsync(server, "echo", """{"text":"still here"}""")).Text);
        await server.CloseAsync();
    }

    [Fact]
    public async Task Sampling_IsRefusedUnlessItIsAllowed()
    {
        McpServer server = await TestServer.ConnectAsync("stdio");
        McpAttendant attendant = new() { Sample = (_, _) => throw new InvalidOperationException("never asked") };

        // The server isn't even told that sampling exists.
        McpToolResult result = await TestServer.CallAsync(server, "ask_model", """{"question":"Why?"}""", attendant);

        Assert.True(result.IsError);
        await server.CloseAsync();
    }

    [Fact]
    public async Task Question_IsAnsweredByTheUser()
    {
        McpServer server = await TestServer.ConnectAsync("stdio");
        McpQuestion? asked = null;
        McpAttendant attendant = new()
        {
            Ask = (question, _) =>
            {
                asked = question;
                return Task.FromResult<McpAnswer?>(new McpAnswer(new Dictionary<string, object?> { ["city"] = "Oslo" }));
            },
        };

        McpToolResult result = await TestServer.CallAsync(server, "ask_user", "{}", attendant);

        Assert.Equal("accept: Oslo", result.Text);
        Assert.Equal("Which city?", asked!.Message);
        Assert.Equal("City", Assert.Single(asked.Fields).Title);
        await server.CloseAsync();
    }

    [Fact]
    public async Task Question_WithoutAUser_IsDeclined()
    {
        McpServer server = await TestServer.ConnectAsync("stdio");

        Assert.Equal("decline: nothing", (await TestServer.CallAsync(server, "ask_user")).Text);
        await server.CloseAsync();
    }

    [Fact]
    public async Task Roots_AreWhatTheUserNamedAndNothingElse()
    {
        string folder = Path.GetTempPath().TrimEnd(Path.DirectorySeparatorChar);
        McpServer with = await McpServer.ConnectAsync(TestServer.Options("stdio") with { Roots = [folder] });
        McpServer without = await TestServer.ConnectAsync("stdio");

        Assert.Equal(new Uri(folder).AbsoluteUri, (await TestServer.CallAsync(with, "roots")).Text);
        Assert.Equal("no roots", (await TestServer.CallAsync(without, "roots")).Text);
        await Task.WhenAll(with.CloseAsync(), without.CloseAsync());
    }

    [Fact]
    public async Task Resources_AreListedAndRead()
    {
        McpServer server = await TestServer.ConnectAsync("stdio");

        IReadOnlyList<McpResource> resources = await server.GetResourcesAsync();

        Assert.Equal(["test://readme", "test://users/{id}"], resources.Select(resource => resource.Uri).Order());
        Assert.Equal("Read me.", (await resources.Single(resource => !resource.IsTemplate).ReadAsync()).Content.Single().Text);
        Assert.Equal("user 5", (await server.Resource("test://users/5").ReadAsync()).Content.Single().Text);
        await server.CloseAsync();
    }

    [Fact]
    public async Task Prompts_AreMessages()
    {
        McpServer server = await TestServer.ConnectAsync("stdio");
        McpPrompt prompt = Assert.Single(await server.GetPromptsAsync());

        ChatMessage message = Assert.Single(await prompt.GetMessagesAsync(new Dictionary<string, string> { ["code"] = "x = 1" }));

        Assert.Equal("user: Review this: x = 1", message.ToString());
        Assert.True(prompt.Arguments.Single().IsRequired);
        await server.CloseAsync();
    }

    [Fact]
    public async Task Calls_AtOnce_DoNotWaitForEachOther()
    {
        McpServer server = await TestServer.ConnectAsync("stdio");
        McpTool echo = (await server.GetToolsAsync()).Single(tool => tool.ToolName == "echo");

        McpToolResult[] results = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => echo.CallAsync($$"""{"text":"{{i}}"}""")));

        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"echo: {i}"), results.Select(result => result.Text));
        await server.CloseAsync();
    }

    [Fact]
    public async Task Environment_OfTheChild_HoldsNoKeysUnlessNamed()
    {
        System.Environment.SetEnvironmentVariable("MCP_TEST_API_KEY", "secret-of-the-parent");
        System.Environment.SetEnvironmentVariable("HELICONE_API_KEY_MCP", "secret-of-the-parent");
        McpServer server = await McpServer.ConnectAsync(TestServer.Options("stdio") with { Environment = new Dictionary<string, string> { ["NAMED_KEY"] = "value" } });

        string[] names = (await TestServer.CallAsync(server, "environment")).Text.Split(',');

        Assert.Contains("PATH", names);
        Assert.Contains("NAMED_KEY", names);
        Assert.DoesNotContain("MCP_TEST_API_KEY", names);
        Assert.DoesNotContain("HELICONE_API_KEY_MCP", names);
        await server.CloseAsync();
    }

    [Fact]
    public async Task Arguments_ReachTheProgramAsTheyAre()
    {
        string[] hostile = ["a b", "$(touch /tmp/x)", "; rm -rf /", "\"quoted\"", "%PATH%", string.Empty, "*"];
        McpServer server = await TestServer.ConnectAsync(["stdio", .. hostile]);

        string text = (await TestServer.CallAsync(server, "arguments")).Text;

        Assert.Equal(["stdio", .. hostile], System.Text.Json.JsonSerializer.Deserialize<string[]>(text)!);
        await server.CloseAsync();
    }

    [Fact]
    public async Task Close_EndsTheProcess()
    {
        McpServer server = await TestServer.ConnectAsync("stdio");
        int process = server.ProcessId!.Value;

        await server.CloseAsync();

        Assert.False(TestServer.IsRunning(process));
        McpException error = await Assert.ThrowsAsync<McpException>(() => server.GetToolsAsync());
        Assert.Equal(McpErrorKind.Gone, error.Kind);
    }

    [Fact]
    public async Task Server_ThatDies_IsStartedOnceMoreAndSaysSo()
    {
        McpServer server = await TestServer.ConnectAsync("stdio");
        List<string> warnings = [];
        McpAttendant attendant = new() { OnWarning = warnings.Add };

        McpException first = await Assert.ThrowsAsync<McpException>(() => TestServer.CallAsync(server, "crash"));
        McpToolResult again = await TestServer.CallAsync(server, "echo", """{"text":"back"}""");
        await Assert.ThrowsAsync<McpException>(() => TestServer.CallAsync(server, "crash"));
        McpException last = await Assert.ThrowsAsync<McpException>(() => server.GetResourcesAsync(attendant));

        Assert.Equal(McpErrorKind.Exited, first.Kind);
        Assert.Contains("exited with code 3. It wrote: fatal: out of cheese", first.Message, StringComparison.Ordinal);
        Assert.Equal("echo: back", again.Text);
        Assert.Equal(1, server.RestartCount);
        Assert.Contains("ended again", last.Message, StringComparison.Ordinal);
        await server.CloseAsync();
    }

    [Fact]
    public async Task Http_WithAToken_Works()
    {
        (Process process, Uri address) = TestServer.StartHttp("let-me-in");
        using SecureString token = Secure("let-me-in");
        using (process)
        {
            McpServer server = await McpServer.ConnectAsync(new McpServerOptions { Name = "web", Uri = address, Token = token });
            ConcurrentQueue<McpProgress> progress = [];

            Assert.Equal("http", server.Transport);
            Assert.Equal("echo: over http", (await TestServer.CallAsync(server, "echo", """{"text":"over http"}""")).Text);
            Assert.Equal("done", (await TestServer.CallAsync(server, "slow", """{"milliseconds":40}""", new McpAttendant { OnProgress = progress.Enqueue })).Text);
            Assert.NotEmpty(progress);
            await server.CloseAsync();
            process.StandardInput.Close();
            await process.WaitForExitAsync();
        }
    }

    [Fact]
    public async Task Http_WithAWrongToken_SaysSoAndShowsNoToken()
    {
        (Process process, Uri address) = TestServer.StartHttp("let-me-in");
        using SecureString token = Secure("wrong-token-1234567890");
        using (process)
        {
            McpException error = await Assert.ThrowsAsync<McpException>(() => McpServer.ConnectAsync(new McpServerOptions { Name = "web", Uri = address, Token = token }));

            Assert.Equal(McpErrorKind.Unauthorized, error.Kind);
            Assert.DoesNotContain("wrong-token", error.ToString(), StringComparison.Ordinal);
            process.StandardInput.Close();
            await process.WaitForExitAsync();
        }
    }

    [Fact]
    public async Task Http_ToNobody_IsUnreachable()
    {
        McpException error = await Assert.ThrowsAsync<McpException>(() => McpServer.ConnectAsync(new McpServerOptions { Name = "web", Uri = new Uri("http://127.0.0.1:9/mcp") }));

        Assert.Equal(McpErrorKind.Unreachable, error.Kind);
    }

    [Fact]
    public async Task Token_OverPlainHttpToAnotherMachine_IsNeverSent()
    {
        using SecureString token = Secure("let-me-in");

        ArgumentException error = await Assert.ThrowsAsync<ArgumentException>(() => McpServer.ConnectAsync(new McpServerOptions { Uri = new Uri("http://example.com/mcp"), Token = token }));

        Assert.Contains("https", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Progress_IsThatOfTheCallItself()
    {
        McpServer server = await TestServer.ConnectAsync("stdio");
        ConcurrentQueue<McpProgress> first = [];
        ConcurrentQueue<McpProgress> second = [];
        using CancellationTokenSource stop = new();

        Task<McpToolResult> slow = TestServer.CallAsync(server, "slow", """{"milliseconds":2000}""", new McpAttendant { OnProgress = first.Enqueue });
        Task<McpToolResult> slower = TestServer.CallAsync(server, "slow", """{"milliseconds":20000}""", new McpAttendant { OnProgress = second.Enqueue }, stop.Token);
        await slow;

        Assert.True(SpinWait.SpinUntil(() => first.Any(step => step.Percent == 100), TimeSpan.FromSeconds(30)));
        Assert.DoesNotContain(second, step => step.Percent == 100);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => slower);
        await server.CloseAsync();
    }

    [Fact]
    public async Task Restart_ThatOneCallerGivesUp_IsStillForTheOthers()
    {
        McpServer server = await TestServer.ConnectAsync("stdio");
        McpTool echo = (await server.GetToolsAsync()).Single(tool => tool.ToolName == "echo");
        await Assert.ThrowsAsync<McpException>(() => TestServer.CallAsync(server, "crash"));
        using CancellationTokenSource stop = new();

        // Both wait for the same restart.
        Task<McpToolResult> given = echo.CallAsync("""{"text":"a"}""", null, null, stop.Token);
        Task<McpToolResult> kept = echo.CallAsync("""{"text":"b"}""");
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        Assert.Equal("echo: b", (await kept).Text);
        Assert.Equal("echo: c", (await echo.CallAsync("""{"text":"c"}""")).Text);
        Assert.Equal(1, server.RestartCount);
        await server.CloseAsync();
    }

    [Fact]
    public async Task Environment_OfTheChild_HoldsNoKeyOfOurs_OrOfAProvider()
    {
        string[] keys = ["HELICONE_API_KEY", "HELICONE_GATEWAY_URL", "HELICONE_CONTROL_PLANE_API_KEY", "OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "AZURE_OPENAI_API_KEY", "AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN", "NPM_TOKEN"];
        Dictionary<string, string?> before = keys.ToDictionary(key => key, System.Environment.GetEnvironmentVariable);
        string? registry = System.Environment.GetEnvironmentVariable("NPM_CONFIG_REGISTRY");
        try
        {
            foreach (string key in keys)
            {
                System.Environment.SetEnvironmentVariable(key, "secret-of-the-parent");
            }

            System.Environment.SetEnvironmentVariable("NPM_CONFIG_REGISTRY", "https://user:secret-of-the-parent@registry.example.com/");
            McpServer server = await TestServer.ConnectAsync("stdio");

            string[] names = (await TestServer.CallAsync(server, "environment")).Text.Split(',');

            Assert.Empty(names.Intersect(keys));
            Assert.DoesNotContain(names, static name => name.StartsWith("HELICONE", StringComparison.OrdinalIgnoreCase));
            Assert.DoesNotContain("NPM_CONFIG_REGISTRY", names);
            await server.CloseAsync();
        }
        finally
        {
            System.Environment.SetEnvironmentVariable("NPM_CONFIG_REGISTRY", registry);
            foreach (KeyValuePair<string, string?> key in before)
            {
                System.Environment.SetEnvironmentVariable(key.Key, key.Value);
            }
        }
    }

    private static SecureString Secure(string text)
    {
        SecureString secure = new();
        foreach (char c in text)
        {
            secure.AppendChar(c);
        }

        return secure;
    }
}
