using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;
using Helicone.Runtime;

namespace Helicone.Completion;

/// <summary>Completes the names of the rate limits that the connection defines.</summary>
public sealed class RateLimitCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        RunspaceState.Current.Connection is { } connection
            ? CompletionText.Matching(wordToComplete, connection.RateLimitPolicy.Select(policy => new KeyValuePair<string, string>(policy.Key, policy.Value.ToString())))
            : [];
}
