using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using Helicone.Mcp;
using Helicone.Runtime;
using Helicone.Transformation;

namespace Helicone.Tools;

/// <summary>Makes tools of what people pass: command names, commands, script blocks, tools of MCP servers, and hashtables in OpenAI's form.</summary>
internal sealed class ToolFactory(CommandInvocationIntrinsics commands)
{
    // A function with the parameters of the block: only commands have metadata. It exists in the scope of this script alone.
    private const string DescribeBlock = "param($Block) ${function:HeliconeToolBlock} = $Block; Get-Command -Name HeliconeToolBlock -CommandType Function";

    private int _blocks;

    /// <summary>The tool of a value.</summary>
    /// <exception cref="FormatException">The value isn't a tool; the message contains the reason.</exception>
    public HeliconeTool From(object? value) => PlainValue.Unwrap(value) switch
    {
        HeliconeTool tool => tool,
        McpTool tool => new HeliconeTool(tool.Definition, null, null, [], ToolImpact.Unknown, tool),
        string name when Listed(name) is { } tool => From(tool),
        IDictionary fields => Definition(fields),
        CommandInfo or ScriptBlock or string => Make(value!, null, null, null, null),
        null => throw new FormatException("A tool is null."),
        PSObject custom when custom.BaseObject is PSCustomObject => Definition((IDictionary)PlainValue.From(custom, "Tool")!),
        object other => throw new FormatException($"A {other.GetType().Name} isn't a tool. Pass a command name, a command, a script block with parameters, or a tool of New-HeliconeTool or Get-HeliconeMcpTool."),
    };

    /// <summary>The tool of a command or a script block.</summary>
    /// <param name="command">A command name, a command, or a script block.</param>
    /// <param name="name">The name for the model; that of the command when <see langword="null"/>.</param>
    /// <param name="description">The description for the model; from the command's help when <see langword="null"/>.</param>
    /// <param name="parameters">The parameters to offer; all of one parameter set when <see langword="null"/>.</param>
    /// <param name="parameterSet">The parameter set.</param>
    /// <exception cref="FormatException">The command doesn't exist, or a model can't use it.</exception>
    public HeliconeTool Make(object command, string? name, string? description, string[]? parameters, string? parameterSet)
    {
        ScriptBlock? block = PlainValue.Unwrap(command) as ScriptBlock;
        CommandInfo info = block is not null ? Describe(block) : PlainValue.Unwrap(command) is CommandInfo known ? Resolve(known, known.Name) : Find(command.ToString()!);
        CommandHelp help = CommandHelp.Of(info);
        List<ToolParameter> offered = CommandParameters.Of(info, parameters, parameterSet, help);
        name ??= block is null ? ToolDefinition.ToName(System.IO.Path.GetFileNameWithoutExtension(info.Name) is { Length: > 0 } file && info is ExternalScriptInfo ? file : info.Name) : "script_" + (++_blocks).ToString(System.Globalization.CultureInfo.InvariantCulture);
        description ??= help.Synopsis ?? (block is null ? $"Runs the PowerShell command {info.Name}." : "Runs a PowerShell script.");
        Dictionary<string, object?> schema = new()
        {
            ["type"] = "object",
            ["properties"] = offered.ToDictionary(static p => p.Name, static p => (object?)p.Schema),
        };
        if (offered.Exists(static p => p.IsMandatory))
        {
            schema["required"] = offered.Where(static p => p.IsMandatory).Select(static p => (object?)p.Name).ToList();
        }

        schema["additionalProperties"] = false;
        return new HeliconeTool(new ToolDefinition(name, CommandHelp.Brief(description, 1_000), schema), info, block, offered, ToolImpact.Of(info, block is not null));
    }

    private static HeliconeTool Definition(IDictionary fields) => new(ToolDefinition.FromDictionary(PlainValue.From(fields, "Tool")), null, null, [], ToolImpact.Unknown);

    // No command has a name such as server__tool.
    private static McpTool? Listed(string name) => RunspaceState.Current.McpServers.All
        .SelectMany(static server => server.GetListedTools())
        .FirstOrDefault(tool => tool.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    private CommandInfo Find(string name)
    {
        if (string.IsNullOrWhiteSpace(name) || WildcardPattern.ContainsWildcardCharacters(name))
        {
            throw new FormatException($"'{name}' isn't the name of a command.");
        }

        CommandInfo? found = commands.GetCommand(name, CommandTypes.Alias | CommandTypes.Function | CommandTypes.Filter | CommandTypes.Cmdlet | CommandTypes.ExternalScript)
            ?? commands.GetCommand(name, CommandTypes.Application);
        return Resolve(found ?? throw new FormatException($"There is no command '{name}'."), name);
    }

    private static CommandInfo Resolve(CommandInfo command, string name)
    {
        if (command is AliasInfo alias)
        {
            command = alias.ResolvedCommand ?? throw new FormatException($"The alias '{name}' refers to the command '{alias.Definition}', which doesn't exist.");
        }

        return command switch
        {
            CmdletInfo or FunctionInfo or ExternalScriptInfo => command,
            ApplicationInfo => throw new FormatException($"'{name}' is a native program, and each program parses its arguments differently. Wrap it in a script block with parameters: {{ param([string] $Branch) {name} log -- $Branch }}."),
            _ => throw new FormatException($"'{name}' is a {command.CommandType}, which can't be a tool."),
        };
    }

    private CommandInfo Describe(ScriptBlock block)
    {
        object? described = commands.InvokeScript(true, ScriptBlock.Create(DescribeBlock), null, block).Select(static o => o.BaseObject).FirstOrDefault();
        return described as CommandInfo ?? throw new FormatException("The script block can't be a tool.");
    }
}
