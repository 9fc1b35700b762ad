using System;
using System.Threading;
using System.Threading.Tasks;

namespace Helicone.Mcp;

/// <summary>A session with an MCP server. Implemented in Helicone.Mcp; only JSON text, delegates, and types of the framework and of this assembly cross.</summary>
internal interface IMcpSession
{
    /// <summary>The information that the server reported when the session began: <c>{ protocolVersion, serverInfo, capabilities, instructions }</c>.</summary>
    public string Description { get; }

    /// <summary>The id of the server's process; <see langword="null"/> for a server on the network.</summary>
    public int? ProcessId { get; }

    /// <summary>Information for finding out why a server isn't responding: the last lines of its standard error. <see langword="null"/> when there are none.</summary>
    public string? Diagnostics { get; }

    /// <summary>Indicates whether the session has ended.</summary>
    public bool IsClosed { get; }

    /// <summary>Sends a request.</summary>
    /// <param name="method">The method, such as <c>tools/call</c>.</param>
    /// <param name="parameters">The parameters: a JSON object.</param>
    /// <param name="progress">Receives progress and, where known, the total and a message. Called on any thread.</param>
    /// <param name="cancellationToken">Cancels the request, here and at the server.</param>
    /// <returns>The result as JSON.</returns>
    /// <exception cref="McpException">The server reported an error, or the session ended.</exception>
    public Task<string> RequestAsync(string method, string parameters, Action<double, double?, string?>? progress, CancellationToken cancellationToken);

    /// <summary>Ends the session: asks a process to end, and kills it with its children when it doesn't.</summary>
    public Task CloseAsync();

    /// <summary>Ends the session at once, for a process that is ending.</summary>
    public void Abort();
}
