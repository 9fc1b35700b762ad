using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Helicone.Completion;

/// <summary>Completes what models can do.</summary>
public sealed class CapabilityCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        CompletionText.Matching(
            wordToComplete,
            CompletionText.CachedModels()
                .SelectMany(model => model.Capabilities)
                .Select(capability => new KeyValuePair<string, string>(capability, string.Empty))
                .OrderBy(capability => capability.Key, StringComparer.Ordinal));
}
