using System;
using System.Collections.Generic;
using System.Linq;
using Helicone.Commands;
using Helicone.Errors;

namespace Helicone.Tools;

/// <summary>The tools of a call, each with a unique name.</summary>
internal sealed class ToolSet
{
    private readonly Dictionary<string, HeliconeTool> _tools = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<HeliconeTool> _order = [];

    /// <summary>The tools, in the order in which they were given.</summary>
    public IReadOnlyList<HeliconeTool> Tools => _order;

    /// <summary>The definitions to send.</summary>
    public IReadOnlyList<ToolDefinition> Definitions => _order.ConvertAll(static tool => tool.Definition);

    /// <summary>The tools of the parameters of a command. What isn't a tool ends the command.</summary>
    /// <param name="cmdlet">The command.</param>
    /// <param name="values">The tools.</param>
    /// <param name="allow">The tools that run without a question.</param>
    /// <param name="deny">The tools that never run.</param>
    /// <param name="whatIf">Indicates whether tools that need approval are described instead of run.</param>
    /// <param name="target">The target of an error.</param>
    /// <param name="approval">What decides about calls of the tools.</param>
    public static ToolSet Read(HeliconeCommand cmdlet, object[] values, string[]? allow, string[]? deny, bool whatIf, object? target, out ToolApproval approval)
    {
        ToolApproval decides = approval = new ToolApproval(cmdlet, allow, deny, whatIf);
        return cmdlet.Valid(() => Of(values, new ToolFactory(cmdlet.InvokeCommand), decides), target, InvalidInput.Tool);
    }

    /// <summary>The tools of what people pass. Those that -DenyTool names are not offered.</summary>
    /// <exception cref="FormatException">A value is no tool.</exception>
    public static ToolSet Of(IEnumerable<object> values, ToolFactory factory, ToolApproval approval)
    {
        ToolSet tools = new();
        foreach (HeliconeTool tool in values.Select(factory.From))
        {
            tools.Add(tool);
        }

        tools._order.RemoveAll(approval.IsDenied);
        return tools._tools.Count > 0 ? tools : throw new FormatException("There are no tools.");
    }

    /// <summary>A choice of tool_choice, or the name of a tool as it was sent to the model.</summary>
    /// <exception cref="FormatException">The tool doesn't exist.</exception>
    public string Choose(string choice)
    {
        string word = choice.ToLowerInvariant();
        return word is "auto" or "required" or "none" ? word
            : _order.Find(tool => tool.Name.Equals(choice, StringComparison.OrdinalIgnoreCase) || choice.Equals(tool.Command, StringComparison.OrdinalIgnoreCase))?.Name
                ?? throw new FormatException($"There is no tool '{choice}'. Use auto, required, none, or one of {Names}.");
    }

    /// <summary>Adds a tool. A second one of the same name gets a number.</summary>
    /// <exception cref="FormatException">Two tools in OpenAI's form have the same name.</exception>
    public void Add(HeliconeTool tool)
    {
        if (_order.Exists(known => ReferenceEquals(known, tool) || (known.Mcp is not null && known.Mcp == tool.Mcp) || (known.Block is null && known.Info is not null && known.Info == tool.Info && known.Schema == tool.Schema)))
        {
            return;
        }

        string name = tool.Name;
        for (int i = 2; _tools.ContainsKey(name); i++)
        {
            string number = "_" + i.ToString(System.Globalization.CultureInfo.InvariantCulture);
            name = tool.Name.Substring(0, Math.Min(tool.Name.Length, ToolDefinition.MaxNameLength - number.Length)) + number;
        }

        tool = name == tool.Name ? tool : tool.Renamed(name);
        _tools.Add(name, tool);
        _order.Add(tool);
    }

    /// <summary>The tool that a model names; <see langword="null"/> for an unknown one.</summary>
    public HeliconeTool? Find(string? name) => name is not null && _tools.TryGetValue(name, out HeliconeTool? tool) ? tool : null;

    /// <summary>The names, for a model that has called something else.</summary>
    public string Names => string.Join(", ", _order.Select(static tool => tool.Name));
}
