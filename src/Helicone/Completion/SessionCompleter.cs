using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;
using Helicone.Runtime;

namespace Helicone.Completion;

/// <summary>Completes the ids of the sessions that this runspace has entered.</summary>
public sealed class SessionCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        RunspaceState.Current.Sessions
            .Where(session => session.Id.StartsWith(wordToComplete.Trim('\'', '"'), StringComparison.OrdinalIgnoreCase))
            .Select(session => new CompletionResult(session.Id, session.Name ?? session.Id, CompletionResultType.ParameterValue, $"{session.Name} {session.Path}".Trim()))
            .ToArray();
}
