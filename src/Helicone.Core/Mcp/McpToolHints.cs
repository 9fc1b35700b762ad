namespace Helicone.Mcp;

/// <summary>The hints of a server about a tool. <see langword="null"/> when there are none.</summary>
/// <param name="Title">The title for the user.</param>
/// <param name="ReadOnly">The tool changes nothing.</param>
/// <param name="Destructive">The tool may delete or overwrite.</param>
/// <param name="Idempotent">Calling the tool again with the same arguments changes nothing more.</param>
/// <param name="OpenWorld">The tool reaches beyond the server, such as the web.</param>
public sealed record McpToolHints(string? Title, bool? ReadOnly, bool? Destructive, bool? Idempotent, bool? OpenWorld)
{
    /// <summary>The claims, such as <c>read-only, idempotent</c>.</summary>
    public override string ToString() => string.Join(", ", System.Linq.Enumerable.Where(
        [
            ReadOnly == true ? "read-only" : null,
            Destructive == true ? "destructive" : null,
            Idempotent == true ? "idempotent" : null,
            OpenWorld == true ? "open world" : null,
        ],
        static claim => claim is not null));
}
