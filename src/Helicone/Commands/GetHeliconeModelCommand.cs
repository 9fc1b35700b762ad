using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Completion;
using Helicone.Errors;
using Helicone.Registry;
using Helicone.Runtime;
using Helicone.Transformation;

namespace Helicone.Commands;

/// <summary>Lists the models of the gateway with their context lengths, prices and providers. Needs no key.</summary>
[Cmdlet(VerbsCommon.Get, "HeliconeModel")]
[OutputType(typeof(ModelInfo))]
public sealed class GetHeliconeModelCommand : ConnectedCommand
{
    private IReadOnlyList<ModelInfo>? _models;

    /// <summary>Ids, wildcards allowed: <c>gpt-4o*</c>.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ModelCompleter))]
    public string[] Id { get; set; } = ["*"];

    /// <summary>Models that one of these providers serves; wildcards allowed.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ProviderCompleter))]
    public string[] Provider { get; set; } = [];

    /// <summary>Models that one of these has made; wildcards allowed.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(AuthorCompleter))]
    public string[] Author { get; set; } = [];

    /// <summary>Models that can do all of this.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public string[] Capability { get; set; } = [];

    /// <summary>Models whose prompt costs at most this, in US dollars per million tokens. One without a price is not among them.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public decimal? MaxPromptPrice { get; set; }

    /// <summary>Asks the network, however young the cached list is.</summary>
    [Parameter]
    public SwitchParameter Refresh { get; set; }

    private protected override object? Target => Id;

    private protected override async Task BeginProcessingAsync(CancellationToken cancellationToken)
    {
        ModelRegistry registry = await Connect(keyNeeded: false).Client.Models.GetAsync(Refresh, cancellationToken).OnPipeline();
        WriteVerbose($"{registry.Models.Count} models from {registry.Source}, read at {registry.FetchedAt:u}.");
        _models = registry.Models;
    }

    private protected override Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        // Without a registry, which has caused an error already, the models are unknown.
        if (_models is not { } models)
        {
            return Task.CompletedTask;
        }

        WriteObject(Valid(() => models.Where(model => Matches(Id, model.Id) && IsWanted(model)).ToList(), Target, InvalidInput.Wildcard), enumerateCollection: true);
        foreach (string id in Id.Where(id => !WildcardPattern.ContainsWildcardCharacters(id) && !models.Any(model => Wildcard.IsMatch(id, model.Id))))
        {
            WriteError(ErrorRecords.NotFound("Model", $"The registry has no model '{id}'.", id, $"Get-HeliconeModel *{id.Split('-', '/')[0]}* finds models by part of their name."));
        }

        return Task.CompletedTask;
    }

    private static bool Matches(string[] patterns, string text) => patterns.Any(pattern => Wildcard.IsMatch(pattern, text));

    private bool IsWanted(ModelInfo model) =>
        (Provider.Length == 0 || model.Endpoints.Any(endpoint => Matches(Provider, endpoint.Provider)))
        && (Author.Length == 0 || Matches(Author, model.Author))
        && Capability.All(capability => model.Capabilities.Contains(capability, StringComparer.OrdinalIgnoreCase))
        && (MaxPromptPrice is null || model.PromptPrice <= MaxPromptPrice);
}
