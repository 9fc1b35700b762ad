namespace Helicone.Mcp;

/// <summary>An argument of a prompt.</summary>
/// <param name="Name">The name.</param>
/// <param name="Description">The description.</param>
/// <param name="IsRequired">Indicates whether the prompt requires a value.</param>
public sealed record McpPromptArgument(string Name, string? Description, bool IsRequired)
{
    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
