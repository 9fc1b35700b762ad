using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;
using Helicone.Runtime;
using Helicone.Transformation;

namespace Helicone.Completion;

/// <summary>Completes tools: those of connected MCP servers, and commands. For -AllowTool and -DenyTool, the tools of the same command line come first.</summary>
internal sealed class ToolCompleter : IArgumentCompleter
{
    private const int MinCommandCharacters = 2;

    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        IEnumerable<KeyValuePair<string, string>> tools = Names(wordToComplete.Trim('\'', '"'));
        return CompletionText.Matching(wordToComplete, parameterName == "Tool" ? tools : Offered(fakeBoundParameters["Tool"]).Concat(tools));
    }

    /// <summary>The names of tools that begin with what was typed.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Names(string typed)
    {
        IEnumerable<KeyValuePair<string, string>> tools = McpTools();

        // All commands of a computer are too many to read, and take too long to find.
        return typed.Length < MinCommandCharacters
            ? tools
            : tools.Concat(CompletionCompleters.CompleteCommand(typed).Where(static result => result.ResultType == CompletionResultType.Command).Select(static result => new KeyValuePair<string, string>(result.ListItemText, result.ToolTip.Split('\n').First(static line => line.Trim().Length > 0))));
    }

    /// <summary>The tools that connected servers have listed. Asking a server may take as long as it likes.</summary>
    public static IEnumerable<KeyValuePair<string, string>> McpTools() => RunspaceState.Current.McpServers.All
        .SelectMany(static server => server.GetListedTools())
        .Select(static tool => new KeyValuePair<string, string>(tool.Name, tool.Description ?? string.Empty));

    private static IEnumerable<KeyValuePair<string, string>> Offered(object? tools) =>
        (PlainValue.Unwrap(tools) is IEnumerable list and not string ? list.Cast<object?>() : [tools])
            .Select(static tool => PlainValue.Unwrap(tool)?.ToString())
            .Where(static name => !string.IsNullOrEmpty(name))
            .Select(static name => new KeyValuePair<string, string>(name!, string.Empty));
}
