using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;
using Helicone.Runtime;

namespace Helicone.Completion;

/// <summary>Completes the ids of the gateways that this runspace has started.</summary>
internal sealed class GatewayCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        CompletionText.Matching(
            wordToComplete,
            RunspaceState.Current.Gateways.Select(static gateway => new KeyValuePair<string, string>(gateway.ProcessId.ToString(CultureInfo.InvariantCulture), gateway.Uri.ToString())));
}
