using System.Diagnostics;
using System.Reflection;

namespace Helicone.Mcp.Tests;

/// <summary>The servers of tests/Helicone.Mcp.TestServer.</summary>
internal static class TestServer
{
    public static string Path { get; } = System.IO.Path.GetFullPath(typeof(TestServer).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "Server").Value!);

    public static McpServerOptions Options(params string[] arguments) => new()
    {
        Name = "test",
        Command = "dotnet",
        Arguments = [Path, .. arguments],
        ConnectTimeout = TimeSpan.FromSeconds(60),
        RequestTimeout = TimeSpan.FromSeconds(60),
    };

    public static Task<McpServer> ConnectAsync(params string[] arguments) => McpServer.ConnectAsync(Options(arguments));

    public static async Task<McpToolResult> CallAsync(McpServer server, string tool, string arguments = "{}", McpAttendant? attendant = null, CancellationToken cancellationToken = default)
    {
        McpTool found = (await server.GetToolsAsync()).Single(candidate => candidate.ToolName == tool);
        return await found.CallAsync(arguments, attendant, null, cancellationToken);
    }

    /// <summary>Starts the server on HTTP, and returns its address.</summary>
    public static (Process Process, Uri Address) StartHttp(string? token = null)
    {
        ProcessStartInfo start = new("dotnet", [Path, "http", .. token is null ? Array.Empty<string>() : [token]]) { RedirectStandardOutput = true, RedirectStandardInput = true };
        Process process = Process.Start(start)!;
        return (process, new Uri(process.StandardOutput.ReadLine()!));
    }

    public static bool IsRunning(int id)
    {
        try
        {
            using Process process = Process.GetProcessById(id);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
