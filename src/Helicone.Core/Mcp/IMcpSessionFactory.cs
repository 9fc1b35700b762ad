using System.Threading;
using System.Threading.Tasks;

namespace Helicone.Mcp;

/// <summary>Begins sessions. Implemented in Helicone.Mcp.</summary>
internal interface IMcpSessionFactory
{
    /// <summary>Starts, or connects to, a server and agrees on a protocol version.</summary>
    /// <exception cref="McpException">The server can't be started or reached, or doesn't speak the protocol.</exception>
    public Task<IMcpSession> ConnectAsync(McpServerOptions options, IMcpHandler handler, CancellationToken cancellationToken);
}
