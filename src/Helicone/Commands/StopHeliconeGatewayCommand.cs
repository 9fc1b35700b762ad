using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Completion;
using Helicone.Errors;
using Helicone.Gateways;

namespace Helicone.Commands;

/// <summary>Stops local gateways of this session and waits until they have ended: those given, else all.</summary>
[Cmdlet(VerbsLifecycle.Stop, "HeliconeGateway", SupportsShouldProcess = true, DefaultParameterSetName = AllSet)]
[OutputType(typeof(void))]
public sealed class StopHeliconeGatewayCommand : HeliconeCommand
{
    private const string AllSet = "All";
    private const string GatewaySet = "Gateway";
    private const string IdSet = "Id";

    /// <summary>What Start-HeliconeGateway or Get-HeliconeGateway gave.</summary>
    [Parameter(ParameterSetName = GatewaySet, Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNull]
    public HeliconeGateway[] Gateway { get; set; } = [];

    /// <summary>The ids of their processes.</summary>
    [Parameter(ParameterSetName = IdSet, Mandatory = true)]
    [ArgumentCompleter(typeof(GatewayCompleter))]
    public int[] Id { get; set; } = [];

    private protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        IEnumerable<HeliconeGateway> gateways = ParameterSetName switch
        {
            GatewaySet => Gateway,
            IdSet => Find(),
            _ => State.Gateways,
        };
        foreach (HeliconeGateway gateway in gateways)
        {
            if (gateway.HasExited || gateway.HasLeft || !ShouldProcess($"{gateway.Uri} (process {gateway.ProcessId})", "Stop the Helicone gateway"))
            {
                continue;
            }

            int others = await gateway.StopAsync(cancellationToken);
            if (others > 0)
            {
                WriteWarning($"The local gateway at {gateway.Uri} keeps running because {others} other {(others == 1 ? "process uses" : "processes use")} it. It ends when the last one stops using it. To end it now, use Stop-Process -Id {gateway.ProcessId}.");
            }

            if (State.Connection is { IsLocal: true } connection && connection.GatewayUri == gateway.Uri)
            {
                _ = State.Disconnect();
                WriteVerbose($"Disconnected from {gateway.Uri}.");
            }
        }
    }

    // Only what this session has started: an id alone could be anybody's process.
    private List<HeliconeGateway> Find()
    {
        IReadOnlyList<HeliconeGateway> known = State.Gateways;
        List<HeliconeGateway> found = [];
        foreach (int id in Id)
        {
            if (known.FirstOrDefault(gateway => gateway.ProcessId == id) is { } gateway)
            {
                found.Add(gateway);
            }
            else
            {
                WriteError(ErrorRecords.NotFound("Gateway", $"This session hasn't started a gateway with the process ID {id}.", id, "Get-HeliconeGateway lists them."));
            }
        }

        return found;
    }
}
