using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Tools;

namespace Helicone.Mcp;

/// <summary>A tool of an MCP server, as it was when the server listed it. Immutable.</summary>
public sealed class McpTool
{
    private readonly McpServer _server;

    internal McpTool(McpServer server, string toolName, ToolDefinition definition, string? outputSchema, McpToolHints hints)
    {
        _server = server;
        ToolName = toolName;
        Definition = definition;
        OutputSchema = outputSchema;
        Hints = hints;
        Fingerprint = Convert.ToBase64String(McpHash.Of(toolName + "\n" + definition.Description + "\n" + definition.ParametersJson));
    }

    /// <summary>The name towards a model: <c>server__tool</c>, up to 64 letters, digits, hyphens, and underscores.</summary>
    public string Name => Definition.Name;

    /// <summary>The name of the server.</summary>
    public string Server => _server.Name;

    /// <summary>The name at the server.</summary>
    public string ToolName { get; }

    /// <summary>The title for the user.</summary>
    public string? Title => Hints.Title;

    /// <summary>The description for the model, written by the server.</summary>
    public string? Description => Definition.Description;

    /// <summary>The JSON Schema of the parameters, as the server sent it.</summary>
    public string Schema => Definition.ParametersJson;

    /// <summary>The JSON Schema of structured results; <see langword="null"/> without one.</summary>
    public string? OutputSchema { get; }

    /// <summary>The hints of the server about the tool. They are untrusted, and never a reason to run the tool.</summary>
    public McpToolHints Hints { get; }

    /// <summary>The definition for a request.</summary>
    public ToolDefinition Definition { get; }

    /// <summary>A hash of the name, description, and schema. An approval is for a tool with this fingerprint.</summary>
    public string Fingerprint { get; }

    /// <summary>Calls the tool.</summary>
    /// <param name="arguments">The arguments: a JSON object.</param>
    /// <param name="attendant">Attends to the server during the call.</param>
    /// <param name="timeout">The time limit; that of the server when <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the call, here and at the server.</param>
    /// <exception cref="McpException">The server reported an error or didn't respond, or no longer has the tool.</exception>
    public Task<McpToolResult> CallAsync(string arguments, McpAttendant? attendant = null, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        _server.CallToolAsync(ToolName, arguments, attendant, timeout, cancellationToken);

    /// <summary>Indicates whether the server describes the tool differently by now. Asks the server only when it has announced a change.</summary>
    /// <exception cref="McpException">The server no longer has the tool, or didn't respond.</exception>
    public async Task<bool> HasChangedAsync(CancellationToken cancellationToken = default)
    {
        McpTool? now = (await _server.GetToolsAsync(null, cancellationToken).ConfigureAwait(false)).FirstOrDefault(tool => tool.ToolName == ToolName);
        return now is null
            ? throw new McpException(McpErrorKind.Gone, $"The MCP server '{Server}' no longer has the tool '{ToolName}'.") { Server = Server }
            : now.Fingerprint != Fingerprint;
    }

    /// <summary>Indicates whether the user has approved all calls of the tool as it is described now, for as long as the server is connected.</summary>
    public bool IsApproved => _server.IsApproved(ToolName, Fingerprint);

    /// <summary>Indicates whether the user has approved all calls of the tool when the server described it differently.</summary>
    public bool WasApproved => !IsApproved && _server.IsApproved(ToolName, null);

    /// <summary>Remembers that the user approves all calls of the tool as it is described now.</summary>
    public void Approve() => _server.Approve(ToolName, Fingerprint);

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
