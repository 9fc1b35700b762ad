using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Helicone.Completion;

/// <summary>Completes models, and after <c>model/</c> the providers that serve it.</summary>
public sealed class ModelCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        CompletionText.Matching(
            wordToComplete,
            wordToComplete.IndexOf('/') < 0
                ? CompletionText.CachedModels().Select(model => new KeyValuePair<string, string>(model.Id, ModelText.Describe(model)))
                : CompletionText.CachedModels().SelectMany(model => model.Endpoints.Select(endpoint =>
                    new KeyValuePair<string, string>(model.Id + "/" + endpoint.Provider, endpoint.Pricing?.ToString() ?? string.Empty))));
}
