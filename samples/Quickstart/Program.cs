// Runs quickstart.ps1 in a real PowerShell engine, without PowerShell being installed:
// the engine is a NuGet package, the module is this repository's, the gateway is embedded.
//
//   dotnet run --project samples/Quickstart                        on the local gateway, or on Helicone when HELICONE_API_KEY is set
//   dotnet run --project samples/Quickstart -- "a prompt of yours"
//   dotnet run --project samples/Quickstart -- --local             on the local gateway whatever is set

using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Helicone.Samples.Quickstart;

string? module = FindUpwards("module/Helicone.psd1");
string? script = FindUpwards("samples/Quickstart/quickstart.ps1");
if (module is null || script is null)
{
    Console.Error.WriteLine("module/Helicone.psd1 or samples/Quickstart/quickstart.ps1 is not above this program. Run it from a clone of the repository.");
    return 2;
}

ConsoleHost host = new();
InitialSessionState state = InitialSessionState.CreateDefault2();
if (OperatingSystem.IsWindows())
{
    // A fresh Windows refuses scripts, quickstart.ps1 included; this is for this process alone.
    state.ExecutionPolicy = Microsoft.PowerShell.ExecutionPolicy.Bypass;
}

using Runspace runspace = RunspaceFactory.CreateRunspace(host, state);
runspace.Open();

bool failed = false;
using (PowerShell shell = PowerShell.Create(runspace))
{
    Console.CancelKeyPress += (_, e) =>
    {
        // Ctrl+C stops the pipeline as in a shell; what follows closes the gateway.
        e.Cancel = true;
        shell.BeginStop(null, null);
    };

    shell.AddCommand("Import-Module").AddParameter("Name", module).AddParameter("ErrorAction", "Stop").AddStatement();
    shell.AddCommand(script);
    if (args.Contains("--local"))
    {
        shell.AddParameter("Local");
    }

    if (args.FirstOrDefault(a => !a.StartsWith("--", StringComparison.Ordinal)) is { } prompt)
    {
        shell.AddParameter("Prompt", prompt);
    }

    // As pwsh does with what is typed: everything goes to the formatter, errors included, in their order.
    shell.AddCommand("Out-Default");
    shell.Commands.Commands[^1].MergeUnclaimedPreviousCommandResults = PipelineResultTypes.Error | PipelineResultTypes.Output;
    try
    {
        shell.Invoke();
        failed = host.Ui.WroteError;
    }
    catch (PipelineStoppedException)
    {
        failed = true;
    }
    catch (RuntimeException e)
    {
        Console.Error.WriteLine(e.ErrorRecord.ErrorDetails is { } details ? $"{details.Message} {details.RecommendedAction}" : e.Message);
        failed = true;
    }
}

// Removing the module disconnects and stops the gateway that it started.
using (PowerShell cleanup = PowerShell.Create(runspace))
{
    cleanup.AddCommand("Remove-Module").AddParameter("Name", "Helicone").AddParameter("ErrorAction", "Ignore").Invoke();
}

return failed ? 1 : 0;

static string? FindUpwards(string relative)
{
    for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
    {
        string path = Path.Combine(folder.FullName, relative);
        if (File.Exists(path))
        {
            return path;
        }
    }

    return null;
}
