using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Errors;
using Helicone.Mcp;
using Helicone.Runtime;
using Helicone.Transformation;

namespace Helicone.Commands;

/// <summary>Lists the tools of connected MCP servers, for -Tool of Invoke-HeliconeChat.</summary>
[Cmdlet(VerbsCommon.Get, "HeliconeMcpTool")]
[OutputType(typeof(McpTool))]
public sealed class GetHeliconeMcpToolCommand : McpCommand
{
    /// <summary>The names of tools, as <c>server__tool</c> or as the server calls them. All tools when omitted.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Name { get; set; }

    private protected override object? Target => Name;

    private protected override async Task EndProcessingAsync(CancellationToken cancellationToken)
    {
        McpAttendance attendance = Attend("Listing tools");
        List<string> missing = [.. (Name ?? []).Where(static name => !WildcardPattern.ContainsWildcardCharacters(name))];
        foreach (McpServer server in Servers())
        {
            try
            {
                foreach (McpTool tool in await server.GetToolsAsync(attendance.Attendant, cancellationToken).OnPipeline())
                {
                    if (Name is null || Name.Any(pattern => Wildcard.IsMatch(pattern, tool.Name) || Wildcard.IsMatch(pattern, tool.ToolName)))
                    {
                        missing.RemoveAll(name => Wildcard.IsMatch(name, tool.Name) || Wildcard.IsMatch(name, tool.ToolName));
                        WriteObject(tool);
                    }
                }
            }
            catch (McpException e)
            {
                WriteError(ErrorRecords.From(e, server.Name));
            }
        }

        foreach (string name in missing)
        {
            WriteError(ErrorRecords.NotFound("McpTool", $"No connected MCP server has a tool '{name}'.", name, "Get-HeliconeMcpTool lists the tools."));
        }
    }
}
