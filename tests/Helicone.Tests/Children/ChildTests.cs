using System.Diagnostics;

namespace Helicone.Tests.Children;

public sealed class ChildTests
{
    [Fact]
    public async Task Import_LoadsTheCmdletsAndNothingThatTheyMayNeedLater()
    {
        string[] loaded = await RunAsync("import");

        Assert.Contains("Helicone", loaded);
        Assert.DoesNotContain(loaded, name => name is "Helicone.Core" or "Polly.Core" or "System.Net.Http" or "System.Text.Json" or "System.Net.ServerSentEvents" || name.StartsWith("Microsoft.Bcl", StringComparison.Ordinal));
    }

    [Fact]
    public async Task RivalPolly_LoadedFirst_ChangesNothing()
    {
        string folder = Directory.CreateTempSubdirectory("helicone-rival-").FullName;

        string[] said = await RunAsync("rival", folder);
        Directory.Delete(folder, recursive: true);

        Assert.Equal(["Polly.Rival", "ours works", "2", "2"], said);
    }

    private static async Task<string[]> RunAsync(params string[] args)
    {
        ProcessStartInfo start = new(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(typeof(ChildTests).Assembly.Location);
        foreach (string arg in args)
        {
            start.ArgumentList.Add(arg);
        }

        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await errors + output);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }
}
