using System;

namespace Helicone.Spending;

/// <summary>The possible cost of a call if one model of its route answers, before it is sent.</summary>
public sealed record CostEstimate
{
    /// <summary>The model, as the route names it.</summary>
    public string Model { get; init; } = string.Empty;

    /// <summary>The provider with the highest cost among those that may answer; <see langword="null"/> when the registry doesn't list the model.</summary>
    public string? Provider { get; init; }

    /// <summary>The tokens of the prompt.</summary>
    public long PromptTokens { get; init; }

    /// <summary>Indicates whether <see cref="PromptTokens"/> is an estimate: the model's vocabulary isn't public, or the prompt contains images, audio, or files.</summary>
    public bool IsEstimate { get; init; }

    /// <summary>The maximum number of response tokens: the request's, or else the model's; <see langword="null"/> when neither is known.</summary>
    public long? MaxTokens { get; init; }

    /// <summary>The cost of the prompt in US dollars; <see langword="null"/> when there is no known price.</summary>
    public decimal? PromptCost { get; init; }

    /// <summary>The highest cost of the call in US dollars, with the longest response; <see langword="null"/> when it can't be known.</summary>
    public decimal? HighestCost { get; init; }

    /// <summary>The tokens that prompt and response may have together; <see langword="null"/> when the registry doesn't list it.</summary>
    public long? ContextLength { get; init; }

    /// <summary>The tokens left in the context after the prompt. Negative when the prompt doesn't fit.</summary>
    public long? ContextLeft => ContextLength - PromptTokens;

    /// <summary>The reason why <see cref="HighestCost"/> is unknown; <see langword="null"/> when it is known.</summary>
    public string? Unknown { get; init; }

    /// <summary>The number of responses that the request asks for.</summary>
    internal long Choices { get; init; } = 1;

    /// <summary>The model and its highest cost.</summary>
    public override string ToString() => HighestCost is { } cost
        ? FormattableString.Invariant($"{Model}: at most ${cost:0.00####}")
        : $"{Model}: unknown";
}
