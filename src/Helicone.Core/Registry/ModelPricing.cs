namespace Helicone.Registry;

/// <summary>Prices in US dollars per million tokens.</summary>
public sealed record ModelPricing
{
    /// <summary>For the tokens of the prompt.</summary>
    public decimal Prompt { get; init; }

    /// <summary>For the tokens of the answer.</summary>
    public decimal Completion { get; init; }

    /// <summary>For tokens of the prompt that the provider reads from its own cache; <see langword="null"/> when there is no such price.</summary>
    public decimal? CacheRead { get; init; }

    /// <summary>For tokens of the prompt that the provider writes to its own cache.</summary>
    public decimal? CacheWrite { get; init; }

    /// <summary>For reasoning tokens, where they cost more than the others.</summary>
    public decimal? Thinking { get; init; }

    /// <summary>From how many tokens of prompt on these prices hold; 0 for all.</summary>
    public long Threshold { get; init; }

    /// <summary>Both prices.</summary>
    public override string ToString() => System.FormattableString.Invariant($"${Prompt:0.######} in, ${Completion:0.######} out per 1M tokens");
}
