using System.Collections.Generic;
using System.Management.Automation;
using Helicone.Mcp;

namespace Helicone.Tools;

/// <summary>A command, a script block, or a tool of an MCP server that a model may call.</summary>
public sealed class HeliconeTool
{
    internal HeliconeTool(ToolDefinition definition, CommandInfo? info, ScriptBlock? block, IReadOnlyList<ToolParameter> parameters, ToolImpact impact, McpTool? mcp = null)
    {
        Mcp = mcp;
        Definition = definition;
        Info = info;
        Block = block;
        Parameters = parameters;
        Impact = impact;
    }

    /// <summary>The name that the model calls the tool by.</summary>
    public string Name => Definition.Name;

    /// <summary>The command; <see langword="null"/> for a script block, and for a tool that the caller runs.</summary>
    public string? Command => Block is null ? Info?.Name : null;

    /// <summary>The description for the model.</summary>
    public string? Description => Definition.Description;

    /// <summary>The names of the parameters that the model may use.</summary>
    public string[] Parameter => [.. Names()];

    /// <summary>The JSON Schema of the parameters.</summary>
    public string Schema => Definition.ParametersJson;

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    internal ToolDefinition Definition { get; }

    /// <summary>The command to run; for a script block, a function with the same parameters, which is never run.</summary>
    internal CommandInfo? Info { get; }

    internal ScriptBlock? Block { get; }

    /// <summary>The tool of an MCP server; <see langword="null"/> for any other tool.</summary>
    internal McpTool? Mcp { get; }

    internal IReadOnlyList<ToolParameter> Parameters { get; }

    internal ToolImpact Impact { get; }

    /// <summary>Indicates whether the module can run the tool. The others are handed back to the caller.</summary>
    internal bool CanRun => Info is not null || Mcp is not null;

    /// <summary>What the tool runs, for questions and reports.</summary>
    internal string Target => Block is not null ? "{" + Cut(Block.ToString()) + "}" : Mcp is not null ? Mcp.ToolName + " of the MCP server " + Mcp.Server : Info?.Name ?? Name;

    internal HeliconeTool Renamed(string name) => new(Definition.WithName(name), Info, Block, Parameters, Impact, Mcp);

    private static string Cut(string text) => text.Length <= 200 ? text : text.Substring(0, 200) + "…";

    private IEnumerable<string> Names()
    {
        foreach (ToolParameter parameter in Parameters)
        {
            yield return parameter.Name;
        }
    }
}
