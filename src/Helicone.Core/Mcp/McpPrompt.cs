using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Chat;

namespace Helicone.Mcp;

/// <summary>A prompt of an MCP server: a template of messages.</summary>
public sealed class McpPrompt
{
    private readonly McpServer _server;
    private readonly string _name;

    internal McpPrompt(McpServer server, string name, IReadOnlyList<McpPromptArgument> arguments) => (_server, _name, Name, Arguments) = (server, name, TerminalText.ShowLine(name), arguments);

    /// <summary>The name of the server.</summary>
    public string Server => _server.Name;

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>The title for the user.</summary>
    public string? Title { get; init; }

    /// <summary>The description.</summary>
    public string? Description { get; init; }

    /// <summary>The arguments.</summary>
    public IReadOnlyList<McpPromptArgument> Arguments { get; }

    /// <summary>Fills in the prompt.</summary>
    /// <param name="arguments">The values of the arguments.</param>
    /// <param name="attendant">Attends to the server during the call.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The messages.</returns>
    /// <exception cref="McpException">The server reported an error or didn't respond.</exception>
    public Task<IReadOnlyList<ChatMessage>> GetMessagesAsync(IReadOnlyDictionary<string, string>? arguments = null, McpAttendant? attendant = null, CancellationToken cancellationToken = default) =>
        _server.GetPromptAsync(_name, arguments ?? new Dictionary<string, string>(), attendant, cancellationToken);

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
