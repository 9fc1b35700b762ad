using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;
using Helicone.Runtime;

namespace Helicone.Completion;

/// <summary>Completes ids of sessions: those that this runspace has entered, then those of calls, and those that the log has returned.</summary>
public sealed class SessionCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        CompletionText.Matching(
            wordToComplete,
            RunspaceState.Current.Sessions.Select(session => new KeyValuePair<string, string>(session.Id, $"{session.Name} {session.Path}".Trim())).Concat(SeenNames.Sessions));
}
