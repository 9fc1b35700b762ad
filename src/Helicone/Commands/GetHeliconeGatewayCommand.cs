using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Gateways;

namespace Helicone.Commands;

/// <summary>Lists the local gateways that this session has started and that still run.</summary>
[Cmdlet(VerbsCommon.Get, "HeliconeGateway")]
[OutputType(typeof(HeliconeGateway))]
public sealed class GetHeliconeGatewayCommand : HeliconeCommand
{
    private protected override Task EndProcessingAsync(CancellationToken cancellationToken)
    {
        WriteObject(State.Gateways, enumerateCollection: true);
        return Task.CompletedTask;
    }
}
