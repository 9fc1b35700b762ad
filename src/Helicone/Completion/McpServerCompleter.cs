using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Helicone.Completion;

/// <summary>Completes the names of connected MCP servers.</summary>
public sealed class McpServerCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        CompletionText.Matching(
            wordToComplete,
            Runtime.RunspaceState.Current.McpServers.All.Select(server => new KeyValuePair<string, string>(server.Name, server.Target)).OrderBy(server => server.Key, StringComparer.OrdinalIgnoreCase));
}
