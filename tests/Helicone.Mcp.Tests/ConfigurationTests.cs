namespace Helicone.Mcp.Tests;

public sealed class ConfigurationTests
{
    [Fact]
    public void Claude_ServersAreRead()
    {
        McpServerOptions server = Assert.Single(Read("""
            { "mcpServers": { "files": { "command": "npx", "args": ["-y", "@modelcontextprotocol/server-filesystem", "${workspaceFolder}"], "env": { "A": "1" } } } }
            """));

        Assert.Equal("files", server.Name);
        Assert.Equal("npx", server.Command);
        Assert.Equal(["-y", "@modelcontextprotocol/server-filesystem", "/work"], server.Arguments);
        Assert.Equal("1", server.Environment["A"]);
    }

    [Fact]
    public void VisualStudioCode_InputsAreAskedForOnce()
    {
        List<string> asked = [];
        IReadOnlyList<McpServerOptions> servers = McpConfiguration.Read(
            """
            {
              // A comment.
              "inputs": [{ "type": "promptString", "id": "token", "description": "The token", "password": true }],
              "servers": {
                "web": { "type": "http", "url": "https://example.com/mcp", "headers": { "Authorization": "Bearer ${input:token}" } },
                "local": { "type": "stdio", "command": "node", "args": ["server.js"], "env": { "TOKEN": "${input:token}" } },
                "other": { "type": "stdio", "command": "${input:never}" },
              }
            }
            """,
            "/work",
            name => name != "other",
            input =>
            {
                asked.Add(input.Id + (input.IsPassword ? " (password)" : string.Empty));
                return "s3cr3t-value";
            });

        Assert.Equal(["token (password)"], asked);
        Assert.Equal(new Uri("https://example.com/mcp"), servers[0].Uri);
        Assert.Equal("Bearer s3cr3t-value", servers[0].Headers["Authorization"]);
        Assert.Equal("s3cr3t-value", servers[1].Environment["TOKEN"]);
        Assert.Contains("s3cr3t-value", servers[0].Secrets);
    }

    [Fact]
    public void Placeholders_OfTheEnvironment_AreFilledIn()
    {
        Environment.SetEnvironmentVariable("MCP_CONFIG_TEST", "value");

        McpServerOptions server = Assert.Single(Read("""{ "mcpServers": { "a": { "command": "x", "args": ["${env:MCP_CONFIG_TEST}", "${MCP_CONFIG_TEST}", "${MCP_CONFIG_MISSING:-otherwise}"] } } }"""));

        Assert.Equal(["value", "value", "otherwise"], server.Arguments);
    }

    [Theory]
    [InlineData("{}", "neither 'mcpServers' nor 'servers'")]
    [InlineData("[", "isn't valid JSON")]
    [InlineData("{\n  \"mcpServers\": {\n    \"a\": {{ }\n  }\n}", "line 3, column 11")]
    [InlineData("""{ "mcpServers": { "a b": { "command": "x" }, "a_b": { "command": "y" } } }""", "servers with the same name: 'a b', 'a_b'")]
    [InlineData("""{ "mcpServers": { "a": {} } }""", "needs either a 'command' or a 'url'")]
    [InlineData("""{ "mcpServers": { "a": { "command": "x", "args": ["${env:MCP_CONFIG_MISSING}"] } } }""", "'MCP_CONFIG_MISSING', which isn't set")]
    [InlineData("""{ "mcpServers": { "a": { "command": "${command:pick}" } } }""", "isn't supported")]
    [InlineData("""{ "mcpServers": { "a": { "command": "${input:x}" } } }""", "asks for 'x'")]
    [InlineData("""{ "mcpServers": { "a": { "url": "nowhere" } } }""", "isn't an address")]
    [InlineData("""{ "mcpServers": { "a": { "command": "x", "envFile": ".env" } } }""", "'envFile'")]
    public void Mistakes_AreNamed(string json, string text)
    {
        FormatException error = Assert.Throws<FormatException>(() => Read(json));

        Assert.Contains(text, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("npx", "-y @modelcontextprotocol/server-filesystem .", "filesystem")]
    [InlineData("npx", "-y @modelcontextprotocol/server-memory@1.2.3", "memory")]
    [InlineData("uvx", "mcp-server-git --repository .", "git")]
    [InlineData("node", "/opt/github-mcp-server/dist/index.js", "github")]
    [InlineData("C:\\tools\\weather.exe", "", "weather")]
    [InlineData("docker", "run -i --rm mcp/time", "time")]
    public void Name_ComesFromTheCommand(string command, string arguments, string name) =>
        Assert.Equal(name, McpConfiguration.NameOf(new McpServerOptions { Command = command, Arguments = arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries) }));

    [Fact]
    public void Command_ThatIsAPath_IsInTheFolderOfTheServer()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        string folder = Directory.CreateTempSubdirectory("mcp").FullName;
        string file = Path.Combine(folder, "server.sh");
        File.WriteAllText(file, "#!/bin/sh");
        try
        {
            Assert.Contains("no one may execute it", Assert.Throws<McpException>(() => CommandLine.Find("./server.sh", folder, null, null)).Message, StringComparison.Ordinal);
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            Assert.Equal(file, CommandLine.Find("./server.sh", folder, null, null));
            Assert.Equal(file, CommandLine.Find("server.sh", null, folder, null));
            Assert.Throws<McpException>(() => CommandLine.Find("./server.sh", "/", null, null));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("files", "files__")]
    [InlineData("a__b", "a_b__")]
    [InlineData("_a b_", "a_b__")]
    [InlineData("…", "server__")]
    public void ToolPrefix_EndsWithTheFirstTwoUnderscores(string name, string prefix) => Assert.Equal(prefix, McpServer.ToolPrefix(name));

    [Fact]
    public void ToolPrefix_OfLongNames_Differs() =>
        Assert.NotEqual(McpServer.ToolPrefix("a-server-with-a-very-long-name-1"), McpServer.ToolPrefix("a-server-with-a-very-long-name-2"));

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("two words", "\"two words\"")]
    [InlineData("", "\"\"")]
    [InlineData("say \"hi\"", "\"say \\\"hi\\\"\"")]
    [InlineData("end\\ here\\", "\"end\\ here\\\\\"")]
    public void CommandLine_QuotesAsWindowsProgramsRead(string argument, string line) => Assert.Equal(line, CommandLine.Join([argument]));

    private static IReadOnlyList<McpServerOptions> Read(string json) => McpConfiguration.Read(json, "/work", _ => true, _ => null);
}
