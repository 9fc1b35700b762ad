using Helicone.Chat;

namespace Helicone.Judging;

/// <summary>What a judge says of a claim about an answer.</summary>
public sealed record AnswerVerdict
{
    /// <summary>The claim.</summary>
    public string Claim { get; init; } = string.Empty;

    /// <summary>Indicates whether the claim holds.</summary>
    public bool Passed { get; init; }

    /// <summary>The reason that the judge gave.</summary>
    public string Reason { get; init; } = string.Empty;

    /// <summary>The answer of the judge.</summary>
    public ChatCompletion? Completion { get; init; }
}
