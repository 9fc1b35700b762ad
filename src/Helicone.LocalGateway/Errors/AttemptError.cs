namespace Helicone.LocalGateway.Errors;

/// <summary>Why one attempt at a provider failed: an entry of the envelope's <c>details[]</c>.</summary>
/// <param name="Type">One of <see cref="AttemptErrorType"/>.</param>
/// <param name="Message">What the provider said, or what kept the gateway from asking it.</param>
/// <param name="StatusCode">The true status, before the envelope flattens it.</param>
/// <param name="Source">Where it went: <c>model/provider/byok[/deployment]</c> or <c>model/provider/ptb</c>.</param>
internal sealed record AttemptError(string Type, string Message, int StatusCode, string? Source = null)
{
    /// <summary>Whether Helicone itself refused: then no other provider is asked if it is the first error (SimpleAIGateway.handle).</summary>
    public bool IsHeliconeRefusal => StatusCode == 429 && Type is AttemptErrorType.InsufficientCreditLimit or AttemptErrorType.RateLimited;
}
