using System.Collections.Generic;
using System.Linq;

namespace Helicone.Registry;

/// <summary>A model that the gateway serves.</summary>
public sealed record ModelInfo
{
    /// <summary>The id of the model in a route.</summary>
    public string Id { get; init; } = string.Empty;

    /// <summary>Its name for people.</summary>
    public string Name { get; init; } = string.Empty;

    /// <summary>The author of the model.</summary>
    public string Author { get; init; } = string.Empty;

    /// <summary>The maximum number of tokens of prompt and answer together; <see langword="null"/> when the source doesn't contain it.</summary>
    public int? ContextLength { get; init; }

    /// <summary>The maximum number of response tokens.</summary>
    public int? MaxOutput { get; init; }

    /// <summary>In a sentence or two.</summary>
    public string? Description { get; init; }

    /// <summary>When it was trained or published, as the registry has it.</summary>
    public string? TrainingDate { get; init; }

    /// <summary>The input modalities: <c>text</c>, <c>image</c>, <c>audio</c>, <c>video</c>.</summary>
    public IReadOnlyList<string> InputModalities { get; init => field = TextList<string>.Of(value); } = TextList<string>.None;

    /// <summary>The output modalities.</summary>
    public IReadOnlyList<string> OutputModalities { get; init => field = TextList<string>.Of(value); } = TextList<string>.None;

    /// <summary>The request fields that it supports.</summary>
    public IReadOnlyList<string> SupportedParameters { get; init => field = TextList<string>.Of(value); } = TextList<string>.None;

    /// <summary>The endpoints, sorted by price, lowest first.</summary>
    public IReadOnlyList<ModelEndpoint> Endpoints { get; init => field = TextList<ModelEndpoint>.Of(value); } = TextList<ModelEndpoint>.None;

    /// <summary>The providers' names, the cheapest first.</summary>
    public IReadOnlyList<string> Providers => TextList<string>.Of(Endpoints.Select(e => e.Provider).Distinct());

    /// <summary>The lowest price of a million tokens of prompt.</summary>
    public decimal? PromptPrice => Endpoints.Where(e => e.Pricing is not null).Min(e => (decimal?)e.Pricing!.Prompt);

    /// <summary>The lowest price of a million tokens of answer.</summary>
    public decimal? CompletionPrice => Endpoints.Where(e => e.Pricing is not null).Min(e => (decimal?)e.Pricing!.Completion);

    /// <summary>The capabilities: <c>audio</c>, <c>video</c>, <c>image</c>, <c>thinking</c>, <c>web_search</c>, <c>caching</c>, <c>reasoning</c>, <c>tools</c>, <c>json</c>.</summary>
    public IReadOnlyList<string> Capabilities { get; init => field = TextList<string>.Of(value); } = TextList<string>.None;

    /// <summary>The id.</summary>
    public override string ToString() => Id;
}
