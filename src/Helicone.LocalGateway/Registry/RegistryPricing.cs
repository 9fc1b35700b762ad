using System.Text.Json.Serialization;

namespace Helicone.LocalGateway.Registry;

/// <summary>Prices in US dollars per million tokens.</summary>
internal sealed record RegistryPricing
{
    public required decimal Prompt { get; init; }

    public required decimal Completion { get; init; }

    public decimal? CacheRead { get; init; }

    public decimal? CacheWrite { get; init; }

    public decimal? Thinking { get; init; }

    [JsonPropertyName("web_search")]
    public decimal? WebSearch { get; init; }

    /// <summary>For each call, in US dollars. Helicone bills it and leaves it out of the public registry, and so does this one.</summary>
    public decimal? Request { get; init; }

    /// <summary>From how many tokens of prompt on; only in tiers.</summary>
    public long? Threshold { get; init; }
}
