using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Errors;
using Helicone.Gateways;

namespace Helicone.Commands;

/// <summary>For the cmdlets that start a local gateway.</summary>
public abstract class GatewayStartingCommand : HeliconeCommand
{
    private protected GatewayStartingCommand()
    {
    }

    /// <summary>Starts a gateway, with progress, and remembers it for this runspace.</summary>
    private protected async Task<HeliconeGateway> StartGatewayAsync(GatewayStart start, CancellationToken cancellationToken)
    {
        ProgressRecord progress = new(1, "Helicone", "Starting the local gateway");
        WriteProgress(progress);
        try
        {
            HeliconeGateway gateway = await start.RunAsync(State.Gateways, cancellationToken);
            State.Add(gateway);
            WriteVerbose($"The local gateway {(gateway.IsJoined ? "was already running and " : string.Empty)}listens on {gateway.Uri} (process {gateway.ProcessId}, database {gateway.DatabasePath}).");
            return gateway;
        }
        catch (GatewayStartException e)
        {
            ThrowTerminatingError(ErrorRecords.From(e, Target));
            throw;
        }
        finally
        {
            progress.RecordType = ProgressRecordType.Completed;
            WriteProgress(progress);
        }
    }
}
