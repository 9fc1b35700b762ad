using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Helicone.Completion;

/// <summary>Completes the names of providers.</summary>
public sealed class ProviderCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        CompletionText.Matching(
            wordToComplete,
            CompletionText.CachedModels()
                .SelectMany(model => model.Endpoints)
                .Select(endpoint => new KeyValuePair<string, string>(endpoint.Provider, endpoint.DisplayName ?? string.Empty))
                .OrderBy(provider => provider.Key, StringComparer.Ordinal));
}
