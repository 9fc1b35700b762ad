using Helicone.LocalGateway.Answers;
using Helicone.Offline.Errors;

namespace Helicone.LocalGateway.Providers;

/// <summary>An answer or the reason for there being none.</summary>
internal readonly record struct AttemptResult(Answer? Answer, AttemptError? Error)
{
    public static implicit operator AttemptResult(Answer answer) => new(answer, null);

    public static implicit operator AttemptResult(AttemptError error) => new(null, error);
}
