using System.Text.Json.Serialization;
using Helicone.Registry;

namespace Helicone.LocalGateway.Registry;

/// <summary>Prices in US dollars per million tokens.</summary>
internal sealed record RegistryPricing
{
    public required decimal Prompt { get; init; }

    public required decimal Completion { get; init; }

    public decimal? CacheRead { get; init; }

    public decimal? CacheWrite { get; init; }

    /// <summary>What is written to the provider's cache for an hour; <see cref="CacheWrite"/> is for five minutes.</summary>
    public decimal? CacheWrite1h { get; init; }

    public decimal? Thinking { get; init; }

    /// <summary>US dollars per million searches.</summary>
    [JsonPropertyName("web_search")]
    public decimal? WebSearch { get; init; }

    /// <summary>US dollars for each call, in addition to its tokens.</summary>
    public decimal? Request { get; init; }

    /// <summary>The number of tokens from which these prices apply; only in tiers.</summary>
    public long? Threshold { get; init; }

    /// <summary>The same prices as the client computes with them.</summary>
    public ModelPricing ToModelPricing() => new()
    {
        Prompt = Prompt,
        Completion = Completion,
        CacheRead = CacheRead,
        CacheWrite = CacheWrite,
        CacheWrite1h = CacheWrite1h,
        Thinking = Thinking,
        WebSearch = WebSearch / 1_000_000,
        Request = Request,
        Threshold = Threshold ?? 0,
    };
}
