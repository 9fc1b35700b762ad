using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Chat;

namespace Helicone.Mcp;

/// <summary>A resource of an MCP server, or a template of resources.</summary>
public sealed class McpResource
{
    private readonly McpServer _server;

    internal McpResource(McpServer server, string uri, string name) => (_server, Uri, Name) = (server, uri, name);

    /// <summary>The name of the server.</summary>
    public string Server => _server.Name;

    /// <summary>The address, or the template of addresses.</summary>
    public string Uri { get; }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>The title for the user.</summary>
    public string? Title { get; init; }

    /// <summary>The description.</summary>
    public string? Description { get; init; }

    /// <summary>The media type, such as <c>text/plain</c>.</summary>
    public string? MediaType { get; init; }

    /// <summary>The size in bytes, where it is known.</summary>
    public long? Size { get; init; }

    /// <summary>Indicates whether <see cref="Uri"/> is a template with placeholders, such as <c>file:///{path}</c>.</summary>
    public bool IsTemplate { get; init; }

    /// <summary>The content, once it was read.</summary>
    public IReadOnlyList<ContentPart> Content { get; private set; } = [];

    /// <summary>Reads the resource into <see cref="Content"/>.</summary>
    /// <exception cref="McpException">The server reported an error or didn't respond.</exception>
    public async Task<McpResource> ReadAsync(McpAttendant? attendant = null, CancellationToken cancellationToken = default)
    {
        Content = await _server.ReadResourceAsync(Uri, attendant, cancellationToken).ConfigureAwait(false);
        return this;
    }

    /// <summary>The address.</summary>
    public override string ToString() => Uri;
}
