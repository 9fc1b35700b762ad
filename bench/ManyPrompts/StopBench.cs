using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Helicone.Bench.Measuring;

namespace Helicone.Bench.ManyPrompts;

/// <summary>Ctrl+C with 256 calls in flight and a journal: how long until the prompt is back.</summary>
internal static class StopBench
{
    private const int InFlight = 256;
    private const int Rounds = 9;
    private const double LimitMilliseconds = 500;

    public static async Task<Row> RunAsync()
    {
        await using SlowServer server = await SlowServer.StartAsync(TimeSpan.FromMinutes(5));
        string folder = Directory.CreateTempSubdirectory("helicone-bench-").FullName;
        using Runspace runspace = Engine.Open();
        using (PowerShell shell = PowerShell.Create(runspace))
        {
            shell.AddScript($"Import-Module '{Engine.HeliconeManifest}'; Connect-Helicone -GatewayUri {server.Uri} -ApiUri {server.Uri} -ApiKey sk-helicone-aaaaaaa-bbbbbbb-ccccccc-ddddddd").Invoke();
        }

        Sample stop = new("stop");
        for (int i = 0; i < Rounds; i++)
        {
            using PowerShell shell = PowerShell.Create(runspace);
            shell.AddScript($"1..1000 | Invoke-HeliconeChat -ThrottleLimit {InFlight} -Journal '{Path.Combine(folder, $"{i}.jsonl")}'");
            IAsyncResult running = shell.BeginInvoke();
            while (server.Waiting < InFlight)
            {
                await Task.Delay(5);
            }

            long started = Stopwatch.GetTimestamp();
            await Task.Factory.FromAsync(shell.BeginStop, shell.EndStop, null);
            try
            {
                shell.EndInvoke(running);
            }
            catch (PipelineStoppedException)
            {
                // What Ctrl+C is about.
            }

            stop.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            while (server.Waiting > 0)
            {
                // A connection that is not closed would keep the server waiting for ever.
                await Task.Delay(5);
            }
        }

        Directory.Delete(folder, recursive: true);
        return new Row(
            $"Ctrl+C with {InFlight} calls in flight, the slowest of {Rounds}",
            string.Create(CultureInfo.InvariantCulture, $"{stop.At(1):0} ms (median {stop.Median:0})"),
            "500 ms",
            stop.At(1) / LimitMilliseconds,
            1);
    }
}
