using System.Diagnostics;
using System.Text.Json;

namespace Helicone.Bench.Gateway;

/// <summary>A server in a process of its own.</summary>
internal sealed class Contestant : IDisposable
{
    private readonly Process _process;

    private Contestant(string name, Process process, Uri uri, string key)
    {
        Name = name;
        _process = process;
        Uri = uri;
        Key = key;
    }

    public string Name { get; }

    public Uri Uri { get; }

    public string Key { get; }

    /// <summary>Starts this program again as one of its other selves.</summary>
    public static async Task<Contestant> StartSelfAsync(string name, params string[] arguments)
    {
        Process process = Start(Environment.ProcessPath!, arguments);
        return new Contestant(name, process, new Uri(await ReadLineAsync(process)), "none");
    }

    /// <summary>Starts the gateway as the module has it.</summary>
    public static async Task<Contestant> StartGatewayAsync(string assembly, params string[] arguments)
    {
        Process process = Start("dotnet", [assembly, .. arguments]);
        using JsonDocument ready = JsonDocument.Parse(await ReadLineAsync(process));
        return new Contestant("gateway", process, new Uri(ready.RootElement.GetProperty("uri").GetString()!), ready.RootElement.GetProperty("key").GetString()!);
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static Process Start(string program, IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(program) { RedirectStandardOutput = true, RedirectStandardInput = true };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["OPENAI_API_KEY"] = "sk-bench-key-of-nobody";
        return Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
    }

    private static async Task<string> ReadLineAsync(Process process) =>
        await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("A server ended instead of saying where it is.");
}
