using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;

namespace Helicone.Commands;

/// <summary>Forgets the connection of this session, its key and its sockets.</summary>
[Cmdlet(VerbsCommunications.Disconnect, "Helicone")]
[OutputType(typeof(void))]
public sealed class DisconnectHeliconeCommand : HeliconeCommand
{
    private protected override Task EndProcessingAsync(CancellationToken cancellationToken)
    {
        WriteVerbose(State.Disconnect() ? "Disconnected." : "There was no connection.");
        return Task.CompletedTask;
    }
}
