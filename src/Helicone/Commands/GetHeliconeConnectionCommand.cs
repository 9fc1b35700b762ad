using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Connections;

namespace Helicone.Commands;

/// <summary>Shows the connection of this session; without one, the one that the environment describes. Nothing when there is neither.</summary>
[Cmdlet(VerbsCommon.Get, "HeliconeConnection")]
[OutputType(typeof(HeliconeConnection))]
public sealed class GetHeliconeConnectionCommand : HeliconeCommand
{
    private protected override Task EndProcessingAsync(CancellationToken cancellationToken)
    {
        HeliconeConnection? connection = State.Connection ?? ConnectionOfEnvironment();
        if (connection is not null)
        {
            WriteObject(connection.Hold());
        }

        return Task.CompletedTask;
    }
}
