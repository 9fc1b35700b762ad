using System.Collections.ObjectModel;
using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Helicone.Bench.Measuring;

namespace Helicone.Bench.ManyPrompts;

/// <summary>1,000 prompts, 32 in flight, against a server that takes 50 ms each: how close to the ideal of full windows.</summary>
internal static class ManyPromptsBench
{
    private const int Prompts = 1000;
    private const int Throttle = 32;
    private const int LatencyMilliseconds = 50;
    private const int Rounds = 5;

    public static async Task<Row> RunAsync()
    {
        await using SlowServer server = await SlowServer.StartAsync(TimeSpan.FromMilliseconds(LatencyMilliseconds));
        using Runspace runspace = Engine.Open();
        Invoke(runspace, "param($Manifest, $Uri) Import-Module $Manifest; Connect-Helicone -GatewayUri $Uri -ApiUri $Uri -ApiKey sk-helicone-aaaaaaa-bbbbbbb-ccccccc-ddddddd", Engine.HeliconeManifest, server.Uri);
        Invoke(runspace, "param($Manifest, $Uri) 1..64 | ForEach-Object { \"warm $_\" } | Invoke-HeliconeChat -ThrottleLimit 32 | Out-Null", Engine.HeliconeManifest, server.Uri);

        Sample ours = new("Invoke-HeliconeChat");
        for (int i = 0; i < Rounds; i++)
        {
            long started = Stopwatch.GetTimestamp();
            Collection<PSObject> answers = Invoke(
                runspace,
                $"param($Manifest, $Uri) 1..{Prompts} | ForEach-Object {{ \"prompt $_\" }} | Invoke-HeliconeChat -ThrottleLimit {Throttle} | ForEach-Object Content",
                Engine.HeliconeManifest,
                server.Uri);
            ours.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);

            // A fast run that lost or swapped an answer would prove nothing.
            for (int n = 0; n < Prompts; n++)
            {
                if (answers.Count != Prompts || (string)answers[n].BaseObject != $"prompt {n + 1}")
                {
                    throw new InvalidOperationException($"Answer {n + 1} of {answers.Count} is not the one to its prompt.");
                }
            }
        }

        double ideal = (double)Prompts / Throttle * LatencyMilliseconds;
        return new Row(
            $"{Prompts} prompts x {LatencyMilliseconds} ms, {Throttle} in flight",
            ours.Describe("ms"),
            string.Create(CultureInfo.InvariantCulture, $"{ideal:0} ms (N/C x latency)"),
            ours.Median / ideal,
            1.3);
    }

    private static Collection<PSObject> Invoke(Runspace runspace, string script, string manifest, Uri uri)
    {
        using PowerShell shell = PowerShell.Create(runspace);
        Collection<PSObject> output = shell.AddScript(script).AddArgument(manifest).AddArgument(uri).Invoke();
        return shell.Streams.Error.Count == 0
            ? output
            : throw new InvalidOperationException("The script failed: " + shell.Streams.Error[0]);
    }
}
