using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Helicone.Completion;

/// <summary>Suggests reasoning efforts. Providers have their own, so any other word is sent as it is.</summary>
public sealed class ReasoningEffortCompleter : IArgumentCompleter
{
    private static readonly string[] s_efforts = ["none", "minimal", "low", "medium", "high", "xhigh"];

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        CompletionText.Matching(wordToComplete, s_efforts.Select(static effort => new KeyValuePair<string, string>(effort, string.Empty)));
}
