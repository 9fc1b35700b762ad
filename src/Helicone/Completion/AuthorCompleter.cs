using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Helicone.Completion;

/// <summary>Completes the makers of models.</summary>
public sealed class AuthorCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        CompletionText.Matching(
            wordToComplete,
            CompletionText.CachedModels()
                .Where(model => model.Author.Length > 0)
                .Select(model => new KeyValuePair<string, string>(model.Author, string.Empty))
                .OrderBy(author => author.Key, StringComparer.Ordinal));
}
