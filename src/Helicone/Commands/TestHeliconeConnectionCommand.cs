using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Connections;
using Helicone.Runtime;

namespace Helicone.Commands;

/// <summary>Tests whether chats will work: the gateway is responding and accepts the key. It costs nothing; no model is called.</summary>
[Cmdlet(VerbsDiagnostic.Test, "HeliconeConnection")]
[OutputType(typeof(bool), typeof(HeliconeConnectionTest))]
public sealed class TestHeliconeConnectionCommand : ConnectedCommand
{
    /// <summary>Returns the result of each check instead of true or false.</summary>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    private protected override async Task EndProcessingAsync(CancellationToken cancellationToken)
    {
        HeliconeConnection connection = Connect(keyNeeded: false);
        HeliconeConnectionTest test = new(await connection.Client.CheckAsync(cancellationToken).OnPipeline(), connection.ApiKey, isKeyNeeded: !connection.IsOffline);
        WriteVerbose($"Gateway {test.GatewayUri}: {test.Gateway}");
        WriteVerbose($"API {test.ApiUri}: {test.Api}");
        WriteVerbose($"Key {test.ApiKey}: {test.Key}");
        WriteObject(Detailed ? test : test.Success);
    }
}
