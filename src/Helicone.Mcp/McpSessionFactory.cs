using System.Threading;
using System.Threading.Tasks;

namespace Helicone.Mcp;

/// <summary>Begins sessions. Helicone.Core creates it by its name.</summary>
internal sealed class McpSessionFactory : IMcpSessionFactory
{
    public Task<IMcpSession> ConnectAsync(McpServerOptions options, IMcpHandler handler, CancellationToken cancellationToken) =>
        McpSession.ConnectAsync(options, handler, cancellationToken);
}
