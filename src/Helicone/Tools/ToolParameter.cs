using System;
using System.Collections.Generic;

namespace Helicone.Tools;

/// <summary>A parameter that a model may use.</summary>
/// <param name="name">The name.</param>
/// <param name="type">The type that the engine converts the argument to.</param>
/// <param name="isMandatory">Indicates whether the engine would ask for the argument.</param>
/// <param name="schema">The JSON Schema.</param>
internal sealed class ToolParameter(string name, Type type, bool isMandatory, Dictionary<string, object?> schema)
{
    public string Name { get; } = name;

    public Type Type { get; } = type;

    public bool IsMandatory { get; } = isMandatory;

    public Dictionary<string, object?> Schema { get; } = schema;
}
