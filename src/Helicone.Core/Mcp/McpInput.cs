using System.Collections.Generic;

namespace Helicone.Mcp;

/// <summary>A value that a configuration asks the user for.</summary>
/// <param name="Id">The id, as in <c>${input:id}</c>.</param>
/// <param name="Description">The description for the user.</param>
/// <param name="IsPassword">Indicates whether the value must not be shown.</param>
/// <param name="Default">The default value.</param>
/// <param name="Choices">The values to choose from; empty when any value is accepted.</param>
public sealed record McpInput(string Id, string? Description, bool IsPassword, string? Default, IReadOnlyList<string> Choices);
