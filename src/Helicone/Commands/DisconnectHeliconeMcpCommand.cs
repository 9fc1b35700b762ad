using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Completion;
using Helicone.Errors;
using Helicone.Mcp;

namespace Helicone.Commands;

/// <summary>Disconnects MCP servers, and ends the processes that Connect-HeliconeMcp started.</summary>
[Cmdlet(VerbsCommunications.Disconnect, "HeliconeMcp", DefaultParameterSetName = NameSet)]
[OutputType(typeof(void))]
public sealed class DisconnectHeliconeMcpCommand : HeliconeCommand
{
    private const string NameSet = "Name";
    private const string ServerSet = "Server";

    /// <summary>The names of servers. All when omitted.</summary>
    [Parameter(ParameterSetName = NameSet, Position = 0)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(McpServerCompleter))]
    public string[]? Name { get; set; }

    /// <summary>The servers, as Connect-HeliconeMcp and Get-HeliconeMcp return them.</summary>
    [Parameter(ParameterSetName = ServerSet, Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNull]
    public McpServer[]? InputObject { get; set; }

    private protected override object? Target => Name;

    private protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        List<string> missing = [];
        IReadOnlyList<McpServer> servers = InputObject is null ? State.McpServers.Find(Name, out missing) : InputObject;
        foreach (string name in missing)
        {
            WriteError(ErrorRecords.NotFound("Mcp", $"No MCP server named '{name}' is connected in this runspace.", name, "Get-HeliconeMcp lists the connected servers."));
        }

        foreach (McpServer server in servers)
        {
            State.McpServers.Remove(server);
        }

        McpAttendance attendance = new(this, Post, "Disconnecting", sampler: null);
        await Task.WhenAll(servers.Select(server => server.CloseAsync(attendance.Attendant)));
    }
}
