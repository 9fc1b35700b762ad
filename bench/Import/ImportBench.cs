using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Helicone.Bench.Contestants;
using Helicone.Bench.Measuring;

namespace Helicone.Bench.Import;

/// <summary>Import-Module in a fresh process with the engine already up, against the empty module of the same shape.</summary>
internal static class ImportBench
{
    private const int Rounds = 21;

    public static async Task<Row> RunAsync()
    {
        Sample empty = new("empty module");
        Sample helicone = new("Helicone");
        for (int i = 0; i < Rounds; i++)
        {
            // Interleaved, so that a busy moment of the machine hits both.
            empty.Add(await InFreshProcessAsync(Engine.EmptyManifest));
            helicone.Add(await InFreshProcessAsync(Engine.HeliconeManifest));
        }

        return new Row("Import-Module, fresh process", helicone.Describe("ms"), empty.Describe("ms") + " (empty module)", helicone.Median / empty.Median, 1.25);
    }

    /// <summary>The other side of it: imports, and prints the milliseconds.</summary>
    public static void Child(string manifest)
    {
        using Runspace runspace = Engine.Open();
        using (PowerShell warm = PowerShell.Create(runspace))
        {
            // The engine's own first command is not the module's price.
            warm.AddScript("$null = Get-Command Import-Module; 1 | ForEach-Object { $_ } | Out-Null").Invoke();
        }

        using PowerShell shell = PowerShell.Create(runspace);
        shell.AddCommand("Import-Module").AddParameter("Name", manifest).AddParameter("ErrorAction", "Stop");
        long started = Stopwatch.GetTimestamp();
        shell.Invoke();
        Console.WriteLine(Stopwatch.GetElapsedTime(started).TotalMilliseconds.ToString("R", CultureInfo.InvariantCulture));
    }

    private static async Task<double> InFreshProcessAsync(string manifest)
    {
        using Process process = ContestantProcess.Spawn("--child-import", manifest);
        process.StandardInput.Close();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? double.Parse(output, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"The child ended with {process.ExitCode}: {output}");
    }
}
