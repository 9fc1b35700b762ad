using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Chat;
using Helicone.Completion;
using Helicone.Connections;
using Helicone.Errors;
using Helicone.Mcp;
using Helicone.Runtime;
using Helicone.Transformation;

namespace Helicone.Commands;

/// <summary>Calls a tool of a connected MCP server by hand.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "HeliconeMcpTool", SupportsShouldProcess = true)]
[OutputType(typeof(McpToolResult))]
public sealed class InvokeHeliconeMcpToolCommand : McpCommand
{
    /// <summary>The tool: its name, as <c>server__tool</c> or as the server calls it, or an object of Get-HeliconeMcpTool.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(McpToolCompleter))]
    public object Tool { get; set; } = null!;

    /// <summary>The arguments.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNull]
    public IDictionary? Argument { get; set; }

    /// <summary>The time limit of the call, in seconds. That of the server when omitted.</summary>
    [Parameter]
    [ValidateRange(0.1, 86400.0)]
    public double? TimeoutSec { get; set; }

    private protected override object? Target => Tool;

    private protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        string arguments = Argument is null ? "{}" : Valid(() => ContentJson.Write(PlainValue.From(Argument, "Argument")), Argument, InvalidInput.Mcp);
        HeliconeConnection? connection = State.Connection;
        McpSampler? sampler = connection is null ? null : new McpSampler(connection.Client, null, new RequestOptions { Session = State.EnteredSession ?? connection.Session }, approval: null, []);
        McpAttendance attendance = Attend("Calling " + Tool, sampler);
        McpTool? tool = PlainValue.Unwrap(Tool) as McpTool ?? await FindAsync(attendance, cancellationToken).OnPipeline();
        if (tool is null || !ShouldProcess(tool.Name + " with " + arguments, "Call an MCP tool"))
        {
            return;
        }

        try
        {
            TimeSpan? limit = TimeoutSec is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
            WriteObject(await tool.CallAsync(arguments, attendance.Attendant, limit, cancellationToken).OnPipeline());
        }
        catch (McpException e)
        {
            WriteError(ErrorRecords.From(e, Tool));
        }
        finally
        {
            attendance.End();
        }
    }

    private Task<McpTool?> FindAsync(McpAttendance attendance, CancellationToken cancellationToken)
    {
        string name = Tool.ToString() ?? string.Empty;
        return Find(Servers().Select(server => server.GetToolsAsync(attendance.Attendant, cancellationToken)).ToArray());

        Task<McpTool?> Find(Task<IReadOnlyList<McpTool>>[] lists) => Task.WhenAll(lists).ContinueWith(
            all =>
            {
                McpTool[] found = all.GetAwaiter().GetResult().SelectMany(static list => list).Where(tool => tool.Name.Equals(name, StringComparison.OrdinalIgnoreCase) || tool.ToolName == name).ToArray();
                return found.Length == 1 ? found[0] : throw new McpException(McpErrorKind.Gone, found.Length == 0
                    ? $"No connected MCP server has a tool '{name}'."
                    : $"Several MCP servers have a tool '{name}': {string.Join(", ", found.Select(static tool => tool.Name))}. Use one of these names.");
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default)!;
    }
}
