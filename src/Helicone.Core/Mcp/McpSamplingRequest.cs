using Helicone.Chat;

namespace Helicone.Mcp;

/// <summary>A request of a server to a model (sampling).</summary>
public sealed class McpSamplingRequest
{
    internal McpSamplingRequest(string server, ChatRequest request) => (Server, Request) = (server, request);

    /// <summary>The name of the server.</summary>
    public string Server { get; }

    /// <summary>The request. It names no model: the caller chooses.</summary>
    public ChatRequest Request { get; }
}
