using System;
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

/// <summary>Lists, or reads, the resources of connected MCP servers.</summary>
[Cmdlet(VerbsCommon.Get, "HeliconeMcpResource")]
[OutputType(typeof(McpResource))]
public sealed class GetHeliconeMcpResourceCommand : McpCommand
{
    /// <summary>The names or addresses of resources. All resources when omitted.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("Uri")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Name { get; set; }

    /// <summary>Reads the resources: their content is in Content, and they can be passed to -File of Invoke-HeliconeChat.</summary>
    [Parameter]
    public SwitchParameter Read { get; set; }

    private protected override object? Target => Name;

    private protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        McpAttendance attendance = Attend("Reading resources");
        IReadOnlyList<McpServer> servers = Servers();
        List<string> missing = [.. (Name ?? []).Where(static uri => !WildcardPattern.ContainsWildcardCharacters(uri))];
        foreach (McpServer server in servers)
        {
            try
            {
                foreach (McpResource resource in await server.GetResourcesAsync(attendance.Attendant, cancellationToken).OnPipeline())
                {
                    if (Name is null || Name.Any(pattern => IsMatch(pattern, resource)))
                    {
                        missing.RemoveAll(uri => IsMatch(uri, resource));
                        if (!Read)
                        {
                            WriteObject(resource);
                        }
                        else if (!resource.IsTemplate)
                        {
                            await ReadAsync(resource, attendance, cancellationToken);
                        }
                    }
                }

                // An address that a template describes isn't listed.
                foreach (string uri in missing.Where(uri => Read && servers.Count == 1 && uri.IndexOf(':') > 0).ToArray())
                {
                    missing.Remove(uri);
                    await ReadAsync(server.Resource(uri), attendance, cancellationToken);
                }
            }
            catch (McpException e)
            {
                WriteError(ErrorRecords.From(e, server.Name));
            }
        }

        foreach (string uri in missing)
        {
            WriteError(ErrorRecords.NotFound("McpResource", $"No connected MCP server lists a resource '{uri}'.", uri, "Get-HeliconeMcpResource lists the resources. To read one that a template describes, use -Server and -Read."));
        }
    }

    // One that can't be read is an error of that resource, and the others go on.
    private async Task ReadAsync(McpResource resource, McpAttendance attendance, CancellationToken cancellationToken)
    {
        try
        {
            WriteObject(await resource.ReadAsync(attendance.Attendant, cancellationToken).OnPipeline());
        }
        catch (McpException e)
        {
            WriteError(ErrorRecords.From(e, resource.Uri));
        }
    }

    private static bool IsMatch(string pattern, McpResource resource) => resource.Uri.Equals(pattern, StringComparison.Ordinal) || Wildcard.IsMatch(pattern, resource.Uri) || Wildcard.IsMatch(pattern, resource.Name);
}
