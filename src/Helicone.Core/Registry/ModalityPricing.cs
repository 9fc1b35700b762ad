namespace Helicone.Registry;

/// <summary>Prices of one modality in US dollars per million tokens. A missing price falls back to the price of text.</summary>
public sealed record ModalityPricing
{
    /// <summary>The price of prompt tokens.</summary>
    public decimal? Input { get; init; }

    /// <summary>The price of prompt tokens that the provider reads from its own cache.</summary>
    public decimal? CachedInput { get; init; }

    /// <summary>The price of answer tokens.</summary>
    public decimal? Output { get; init; }
}
