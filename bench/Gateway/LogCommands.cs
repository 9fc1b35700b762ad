using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Helicone.Bench.Measuring;

namespace Helicone.Bench.Gateway;

/// <summary>How long the module's cmdlets take on a million calls: what a person types, in an engine that has the module.</summary>
internal static class LogCommands
{
    private const int Rounds = 7;
    private const double LimitMilliseconds = 200;

    private static readonly string[] s_commands =
    [
        "Get-HeliconeRequest -Session session-00042",
        "Get-HeliconeRequest -Property @{ Environment = 'production' } -Since 1d -First 500",
        "Get-HeliconeRequest -Property @{ Rare = 'needle' } -Since 1d",
        "Get-HeliconeRequest -Property @{ Environment = 'production'; Tenant = 'tenant-7' } -Since 1d -First 500",
        "Get-HeliconeRequest -Status 500 -Since 1d",
        "Get-HeliconeRequest -First 50",
        "Get-HeliconeRequest -UserId user-7 -Model gpt-4o-mini* -Since 1d -First 500",
        "Get-HeliconeSession -Since 1d -First 50",
        "Get-HeliconeUser -Since 1d",
    ];

    public static Task<Row> RunAsync(Contestant gateway) => Task.Run(() =>
    {
        using Runspace runspace = Engine.Open();
        Invoke(runspace, $"Import-Module '{Engine.HeliconeManifest}'; Connect-Helicone -ApiKey '{gateway.Key}' -GatewayUri {gateway.Uri} -ApiUri {gateway.Uri}");
        Invoke(runspace, "Get-HeliconeRequest -First 1");
        double worst = 0;
        string slowest = string.Empty;
        foreach (string command in s_commands)
        {
            Sample sample = new(command);
            int rows = 0;
            for (int i = 0; i < Rounds; i++)
            {
                long started = Stopwatch.GetTimestamp();
                rows = Invoke(runspace, command);
                sample.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {command,-100} {sample.Median,8:0.0} ms, {rows} rows"));
            if (sample.Median > worst)
            {
                worst = sample.Median;
                slowest = command;
            }
        }

        return new Row("A million calls, the slowest cmdlet", string.Create(CultureInfo.InvariantCulture, $"{worst:0} ms ({slowest})"), "200 ms", worst / LimitMilliseconds, 1);
    });

    private static int Invoke(Runspace runspace, string script)
    {
        using PowerShell shell = PowerShell.Create(runspace);
        int count = shell.AddScript(script).Invoke().Count;
        return shell.Streams.Error.Count == 0 ? count : throw new InvalidOperationException(shell.Streams.Error[0].ToString());
    }
}
