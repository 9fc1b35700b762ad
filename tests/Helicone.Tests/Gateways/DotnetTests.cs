using System.Diagnostics;
using System.Runtime.InteropServices;
using Helicone.Tests.Hosting;

namespace Helicone.Tests.Gateways;

/// <summary>Which .NET runs the local gateway, and what is left of one that can't.</summary>
public sealed class DotnetTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("helicone-dotnet-").FullName;

    /// <summary>The folder of the .NET that runs this.</summary>
    private static string Root => Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task DotnetThatIsNotOnThePath_IsFoundInItsDefaultLocation_AndNotInTheCurrentDirectory(bool isOnPath)
    {
        if (OperatingSystem.IsWindows())
        {
            // A script can't stand in for dotnet.exe there.
            return;
        }

        // A program of that name in the current directory, and relative entries of PATH that lead to it.
        string trap = Path.Combine(_folder, "trapped");
        Write(Path.Combine(_folder, "dotnet"), $"#!/bin/sh\ntouch '{trap}'\nexit 1\n");
        string home = Directory.CreateDirectory(Path.Combine(_folder, "home")).FullName;
        File.CreateSymbolicLink(Path.Combine(home, ".dotnet"), Root);

        string[] said = await RunAsync(_folder, isOnPath ? $".::{Root}" : ".::/usr/bin/there/is/none");

        Assert.Equal(["Running"], said);
        Assert.False(File.Exists(trap), "The program in the current directory was run.");
    }

    [Fact]
    public async Task LastWordsOfAGatewayThatEnds_AreInTheError()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        // What it wrote is still on its way when the process is gone.
        Write(Path.Combine(_folder, "dotnet"), "#!/bin/sh\necho 'on standard output'\nprintf '{\"uri\":\"http://127.0.0.1:1/\",\"key\":\"sk-half-a-key'\n(sleep 0.5; echo 'the reason' >&2) &\nexit 3\n");

        Result result = await StartAsync();

        Assert.Equal("HeliconeGatewayFailed", result.ErrorId);
        Assert.Contains("exit code 3", result.Error.ToString(), StringComparison.Ordinal);
        Assert.Contains("the reason", result.Error.ToString(), StringComparison.Ordinal);
        Assert.Contains("on standard output", result.Error.ToString(), StringComparison.Ordinal);

        // A line that was to bring the key is not shown, however short it was cut.
        Assert.DoesNotContain("sk-half", result.Everything(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task FirstWordsOfAGatewayThatEnds_AreInTheError_HoweverManyFollow()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        Write(Path.Combine(_folder, "dotnet"), "#!/bin/sh\necho 'Unhandled exception. The reason' >&2\nfor i in $(seq 1 200); do echo \"   at Frame$i\" >&2; done\nexit 134\n");

        Result result = await StartAsync();

        string text = result.Error.ToString();
        Assert.Contains("Unhandled exception. The reason", text, StringComparison.Ordinal);
        Assert.Contains("at Frame200", text, StringComparison.Ordinal);
        Assert.InRange(text.Split('\n').Length, 10, 50);
    }

    private static void Write(string file, string script)
    {
        File.WriteAllText(file, script);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private async Task<Result> StartAsync()
    {
        using Variables variables = new(("DOTNET_ROOT", _folder));
        using Shell shell = new();
        return await shell.RunAsync($"Start-HeliconeGateway -DatabasePath '{Path.Combine(_folder, "gateway.db")}'");
    }

    private static async Task<string[]> RunAsync(string folder, string path)
    {
        // The program, not the assembly: next to a dotnet that runs it, that dotnet would be found.
        string program = Path.ChangeExtension(typeof(DotnetTests).Assembly.Location, null);
        ProcessStartInfo start = new(program, ["dotnet", folder, path]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_ROOT"] = Root;
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await errors + output);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }
}
