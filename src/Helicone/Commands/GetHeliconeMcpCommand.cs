using System.Collections.Generic;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Completion;
using Helicone.Errors;
using Helicone.Mcp;

namespace Helicone.Commands;

/// <summary>Lists the MCP servers that this runspace has connected.</summary>
[Cmdlet(VerbsCommon.Get, "HeliconeMcp")]
[OutputType(typeof(McpServer))]
public sealed class GetHeliconeMcpCommand : HeliconeCommand
{
    /// <summary>The names of servers. All when omitted.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(McpServerCompleter))]
    public string[]? Name { get; set; }

    private protected override object? Target => Name;

    private protected override Task EndProcessingAsync(CancellationToken cancellationToken)
    {
        List<McpServer> servers = State.McpServers.Find(Name, out List<string> missing);
        foreach (string name in missing)
        {
            WriteError(ErrorRecords.NotFound("Mcp", $"No MCP server named '{name}' is connected in this runspace.", name, "Connect-HeliconeMcp connects one."));
        }

        WriteObject(servers, enumerateCollection: true);
        return Task.CompletedTask;
    }
}
