using System.Collections.Generic;
using System.Linq;

namespace Helicone.Registry;

/// <summary>A model that the gateway serves.</summary>
public sealed record ModelInfo
{
    /// <summary>What a route calls it.</summary>
    public string Id { get; init; } = string.Empty;

    /// <summary>Its name for people.</summary>
    public string Name { get; init; } = string.Empty;

    /// <summary>Who made it.</summary>
    public string Author { get; init; } = string.Empty;

    /// <summary>How many tokens prompt and answer may have together; <see langword="null"/> when the source does not say.</summary>
    public int? ContextLength { get; init; }

    /// <summary>How many tokens an answer may have.</summary>
    public int? MaxOutput { get; init; }

    /// <summary>In a sentence or two.</summary>
    public string? Description { get; init; }

    /// <summary>When it was trained or published, as the registry has it.</summary>
    public string? TrainingDate { get; init; }

    /// <summary>What goes in: <c>text</c>, <c>image</c>, <c>audio</c>, <c>video</c>.</summary>
    public IReadOnlyList<string> InputModalities { get; init => field = TextList<string>.Of(value); } = TextList<string>.None;

    /// <summary>What comes out.</summary>
    public IReadOnlyList<string> OutputModalities { get; init => field = TextList<string>.Of(value); } = TextList<string>.None;

    /// <summary>The fields of a request that it knows.</summary>
    public IReadOnlyList<string> SupportedParameters { get; init => field = TextList<string>.Of(value); } = TextList<string>.None;

    /// <summary>Where it runs, the cheapest first.</summary>
    public IReadOnlyList<ModelEndpoint> Endpoints { get; init => field = TextList<ModelEndpoint>.Of(value); } = TextList<ModelEndpoint>.None;

    /// <summary>The providers' names, the cheapest first.</summary>
    public IReadOnlyList<string> Providers => TextList<string>.Of(Endpoints.Select(e => e.Provider).Distinct());

    /// <summary>The lowest price of a million tokens of prompt.</summary>
    public decimal? PromptPrice => Endpoints.Where(e => e.Pricing is not null).Min(e => (decimal?)e.Pricing!.Prompt);

    /// <summary>The lowest price of a million tokens of answer.</summary>
    public decimal? CompletionPrice => Endpoints.Where(e => e.Pricing is not null).Min(e => (decimal?)e.Pricing!.Completion);

    /// <summary>What it can do: <c>audio</c>, <c>video</c>, <c>image</c>, <c>thinking</c>, <c>web_search</c>, <c>caching</c>, <c>reasoning</c>, <c>tools</c>, <c>json</c>.</summary>
    public IReadOnlyList<string> Capabilities { get; init => field = TextList<string>.Of(value); } = TextList<string>.None;

    /// <summary>The id.</summary>
    public override string ToString() => Id;
}
