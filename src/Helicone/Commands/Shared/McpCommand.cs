using System.Collections.Generic;
using System.Management.Automation;
using Helicone.Completion;
using Helicone.Errors;
using Helicone.Mcp;

namespace Helicone.Commands;

/// <summary>The base of the cmdlets that use connected MCP servers.</summary>
public abstract class McpCommand : HeliconeCommand
{
    private protected McpCommand()
    {
    }

    /// <summary>The names of servers. All connected servers when omitted.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(McpServerCompleter))]
    public string[]? Server { get; set; }

    /// <summary>The servers to use. A name that no server has is an error of that name.</summary>
    private protected IReadOnlyList<McpServer> Servers()
    {
        List<McpServer> servers = State.McpServers.Find(Server, out List<string> missing);
        foreach (string name in missing)
        {
            WriteError(ErrorRecords.NotFound("Mcp", $"No MCP server named '{name}' is connected in this runspace.", name, "Get-HeliconeMcp lists the connected servers. Connect-HeliconeMcp connects one."));
        }

        if (servers.Count == 0 && Server is null)
        {
            WriteError(ErrorRecords.NotFound("Mcp", "No MCP server is connected in this runspace.", null, "Connect-HeliconeMcp npx '-y', '@modelcontextprotocol/server-filesystem', '.' connects one."));
        }

        return servers;
    }

    /// <summary>Attends to servers while this command runs.</summary>
    private protected McpAttendance Attend(string activity, McpSampler? sampler = null) => new(this, Post, activity, sampler);
}
