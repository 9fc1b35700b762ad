using System;

namespace Helicone.Chat;

/// <summary>The tokens that a call used, as the provider counted them.</summary>
/// <param name="PromptTokens">The tokens of the prompt, including cached ones. Cache writes are not included.</param>
/// <param name="CompletionTokens">The tokens of the answer, including reasoning.</param>
/// <param name="TotalTokens">The total as the provider reports it, or the sum of the counts when it reports none. Don't compute a price from it.</param>
/// <param name="CachedTokens">The prompt tokens that the provider read from its own cache.</param>
/// <param name="CacheWriteTokens">The tokens that the provider wrote to its own cache, for five minutes or an hour.</param>
/// <param name="ReasoningTokens">The tokens of the answer spent on reasoning.</param>
/// <remarks>Source: Helicone/helicone <c>packages/cost/usage/mapModelUsageToOpenAI.ts</c> @42f7e951.</remarks>
public sealed record ChatUsage(
    long PromptTokens,
    long CompletionTokens,
    long TotalTokens,
    long CachedTokens = 0,
    long CacheWriteTokens = 0,
    long ReasoningTokens = 0)
{
    /// <summary>The part of <see cref="CacheWriteTokens"/> that was written for an hour.</summary>
    public long CacheWrite1hTokens { get; init; }

    /// <summary>The audio tokens of the prompt.</summary>
    public long PromptAudioTokens { get; init; }

    /// <summary>The audio tokens of the answer.</summary>
    public long CompletionAudioTokens { get; init; }

    /// <summary>The predicted tokens that the answer used.</summary>
    public long AcceptedPredictionTokens { get; init; }

    /// <summary>The predicted tokens that the answer didn't use.</summary>
    public long RejectedPredictionTokens { get; init; }

    /// <summary>The number of web searches that the provider made.</summary>
    public long WebSearchRequests { get; init; }

    /// <summary>The image tokens, where the provider counts them separately.</summary>
    public ModalityTokens? Image { get; init; }

    /// <summary>The audio tokens, where the provider counts them by modality.</summary>
    public ModalityTokens? Audio { get; init; }

    /// <summary>The video tokens, where the provider counts them separately.</summary>
    public ModalityTokens? Video { get; init; }

    /// <summary>The file tokens, where the provider counts them separately.</summary>
    public ModalityTokens? File { get; init; }

    /// <summary>The charge in US dollars that the provider itself reports; <see langword="null"/> when it reports none.</summary>
    public decimal? ProviderCost { get; init; }

    /// <summary>Indicates whether a count was negative and was ignored, or was larger than any real call's and was capped. Such a call has no computed price.</summary>
    public bool IsImplausible { get; init; }

    /// <summary>Prompt tokens → answer tokens.</summary>
    public override string ToString() => FormattableString.Invariant($"{PromptTokens}\u2192{CompletionTokens}");
}
