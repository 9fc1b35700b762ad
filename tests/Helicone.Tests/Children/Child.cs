using System.Diagnostics;

namespace Helicone.Tests.Children;

/// <summary>Promises about a fresh process, run in one: this assembly started as a program.</summary>
internal static class Child
{
    public static async Task<int> RunAsync(string[] args)
    {
        switch (args)
        {
            case ["import"]:
                ImportChild.Run();
                return 0;
            case ["rival", string folder]:
                await RivalChild.RunAsync(folder);
                return 0;
            case ["dotnet", string folder, string path]:
                DotnetChild.Run(folder, path);
                return 0;
            case ["bulk", string address, string journal, string count]:
                await BulkChild.RunAsync(address, journal, count);
                return 0;
            case ["script", string script]:
                await ScriptChild.RunAsync(script);
                return 0;
            default:
                await Console.Error.WriteLineAsync("This assembly is run by its tests.");
                return 2;
        }
    }

    /// <summary>Runs a child to its end and returns the lines of its output.</summary>
    public static async Task<string[]> OutputOfAsync(params string[] args)
    {
        ProcessStartInfo start = new(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(typeof(Child).Assembly.Location);
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
