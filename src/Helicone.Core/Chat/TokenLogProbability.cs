using System.Collections.Generic;

namespace Helicone.Chat;

/// <summary>The log probability of a token of an answer.</summary>
/// <param name="Token">The text of the token.</param>
/// <param name="LogProbability">The natural logarithm of its probability, at most 0.</param>
/// <param name="Alternatives">The most probable tokens at this position; empty unless <c>top_logprobs</c> was requested.</param>
public sealed record TokenLogProbability(string Token, double LogProbability, IReadOnlyList<TokenLogProbability> Alternatives)
{
    /// <summary>The token.</summary>
    public override string ToString() => Token;
}
