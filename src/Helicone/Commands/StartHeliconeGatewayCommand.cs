using System;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Errors;
using Helicone.Gateways;

namespace Helicone.Commands;

/// <summary>Starts a local gateway, which speaks Helicone's protocol on this machine alone. It ends with this session.</summary>
[Cmdlet(VerbsLifecycle.Start, "HeliconeGateway", SupportsShouldProcess = true)]
[OutputType(typeof(HeliconeGateway))]
public sealed class StartHeliconeGatewayCommand : GatewayStartingCommand
{
    /// <summary>The port; one that is free when left out.</summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int Port { get; set; }

    /// <summary>The file that keeps what it has answered.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? DatabasePath { get; set; }

    /// <summary>Its <c>gateway.json</c>: providers, scripted answers, faults.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ConfigPath { get; set; }

    /// <summary>Points other programs of this session at it: <c>OPENAI_BASE_URL</c>, <c>OPENAI_API_KEY</c> and Helicone's own variables.</summary>
    [Parameter]
    public SwitchParameter SetEnvironment { get; set; }

    /// <summary>How long it may take to be ready.</summary>
    [Parameter]
    [ValidateRange(0.001, 3600.0)]
    public double TimeoutSec { get; set; } = 30;

    private protected override object? Target => Port == 0 ? null : Port;

    private protected override async Task EndProcessingAsync(CancellationToken cancellationToken)
    {
        if (!ShouldProcess(Port == 0 ? "a free port of this machine" : $"port {Port} of this machine", "Start a Helicone gateway"))
        {
            return;
        }

        GatewayStart start = new()
        {
            Port = Port,
            ConfigPath = ConfigPath is null ? null : Existing(ConfigPath),
            DatabasePath = DatabasePath is null ? GatewayStart.DefaultDatabasePath : GetUnresolvedProviderPathFromPSPath(DatabasePath),
            Limit = TimeSpan.FromSeconds(TimeoutSec),
        };
        HeliconeGateway gateway = await StartGatewayAsync(start, cancellationToken);
        if (SetEnvironment)
        {
            gateway.Environment ??= GatewayEnvironment.Point(gateway);
        }

        WriteObject(gateway);
    }

    private string Existing(string path)
    {
        string full = GetUnresolvedProviderPathFromPSPath(path);
        if (!System.IO.File.Exists(full))
        {
            ThrowTerminatingError(ErrorRecords.NotFound("ConfigFile", $"There is no file '{full}'.", path, "Specify the path of a gateway.json file, or omit -ConfigPath."));
        }

        return full;
    }
}
