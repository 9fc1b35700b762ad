using System.Collections.Generic;

namespace Helicone.Mcp;

/// <summary>The answer of the user to a question.</summary>
public sealed class McpAnswer
{
    /// <summary>Creates an answer.</summary>
    /// <param name="values">The values of the fields.</param>
    public McpAnswer(IReadOnlyDictionary<string, object?> values) => Values = values;

    /// <summary>The values of the fields.</summary>
    public IReadOnlyDictionary<string, object?> Values { get; }
}
