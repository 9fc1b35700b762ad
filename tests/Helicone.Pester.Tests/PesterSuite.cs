using System.Collections.Concurrent;
using System.Text.Json;

namespace Helicone.Pester.Tests;

/// <summary>The files of tests/Pester: their tests and the results.</summary>
internal static class PesterSuite
{
    private static readonly Lazy<IReadOnlyList<PesterFile>> Discovered = new(Discover);
    private static readonly ConcurrentDictionary<string, Lazy<Task<PesterFile>>> Runs = new();

    public static IReadOnlyList<PesterFile> Files => Discovered.Value;

    /// <summary>Runs a file, or returns the result when it has run already.</summary>
    public static Task<PesterFile> RunAsync(string file) =>
        Runs.GetOrAdd(file, name => new(async () => Assert.Single(await InvokeAsync(Path.Combine(Build.Tests, name))))).Value;

    private static IReadOnlyList<PesterFile> Discover() => InvokeAsync(Build.Tests, "-DiscoverOnly").GetAwaiter().GetResult();

    private static async Task<IReadOnlyList<PesterFile>> InvokeAsync(string path, params string[] more)
    {
        string result = Path.GetTempFileName();
        try
        {
            await PowerShellProcess.RunAsync(
                ["-File", Path.Combine(Build.Scripts, "Invoke-Tests.ps1"), "-Path", path, "-Pester", Build.Pester, "-ResultPath", result, .. more]);
            await using FileStream stream = File.OpenRead(result);
            return (await JsonSerializer.DeserializeAsync<PesterFile[]>(stream))!;
        }
        finally
        {
            File.Delete(result);
        }
    }
}
