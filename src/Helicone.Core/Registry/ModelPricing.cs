namespace Helicone.Registry;

/// <summary>Prices in US dollars per million tokens.</summary>
public sealed record ModelPricing
{
    /// <summary>The price of prompt tokens.</summary>
    public decimal Prompt { get; init; }

    /// <summary>The price of answer tokens.</summary>
    public decimal Completion { get; init; }

    /// <summary>The price of prompt tokens that the provider reads from its own cache; <see langword="null"/> for the price of the prompt.</summary>
    public decimal? CacheRead { get; init; }

    /// <summary>The price of tokens that the provider writes to its own cache for five minutes; <see langword="null"/> for the price of the prompt.</summary>
    public decimal? CacheWrite { get; init; }

    /// <summary>The price of tokens that the provider writes to its own cache for an hour. Where it is missing and <see cref="CacheWrite"/> is not, it is unknown.</summary>
    public decimal? CacheWrite1h { get; init; }

    /// <summary>The price of reasoning tokens; <see langword="null"/> for the price of the answer.</summary>
    public decimal? Thinking { get; init; }

    /// <summary>The prices of image tokens.</summary>
    public ModalityPricing? Image { get; init; }

    /// <summary>The prices of audio tokens.</summary>
    public ModalityPricing? Audio { get; init; }

    /// <summary>The prices of video tokens.</summary>
    public ModalityPricing? Video { get; init; }

    /// <summary>The prices of file tokens.</summary>
    public ModalityPricing? File { get; init; }

    /// <summary>US dollars for each web search; <see langword="null"/> when it is unknown.</summary>
    public decimal? WebSearch { get; init; }

    /// <summary>US dollars for each call, in addition to its tokens.</summary>
    public decimal? Request { get; init; }

    /// <summary>The number of tokens from which these prices apply; 0 for all calls.</summary>
    public long Threshold { get; init; }

    /// <summary>The prices of prompt and answer.</summary>
    public override string ToString() => System.FormattableString.Invariant($"${Prompt:0.######} in, ${Completion:0.######} out per 1M tokens");
}
