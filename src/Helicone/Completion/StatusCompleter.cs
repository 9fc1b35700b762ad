using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Helicone.Completion;

/// <summary>Suggests statuses of logged calls.</summary>
public sealed class StatusCompleter : IArgumentCompleter
{
    private static readonly KeyValuePair<string, string>[] s_statuses =
    [
        new("failed", "400 and higher, timed out, canceled, and blocked calls"),
        new("succeeded", "200 to 299"),
        new("4xx", "400 to 499: the request was refused"),
        new("429", "Too many requests"),
        new("5xx", "500 to 599: the gateway or the provider failed"),
    ];

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        CompletionText.Matching(wordToComplete, s_statuses.AsEnumerable());
}
