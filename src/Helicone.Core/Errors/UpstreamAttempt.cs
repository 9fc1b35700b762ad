namespace Helicone.Errors;

/// <summary>One attempt of the gateway at a provider, from the <c>details[]</c> of its error envelope.</summary>
/// <param name="Source">Where it went: <c>model/provider/byok[/deployment]</c> or <c>model/provider/ptb</c>.</param>
/// <param name="StatusCode">The status that the provider answered with, unlike the gateway's own, which flattens most of them to 500.</param>
/// <param name="Type">The gateway's word for it, such as <c>request_failed</c> or <c>insufficient_credit_limit</c>.</param>
/// <param name="Message">The provider's own message.</param>
public sealed record UpstreamAttempt(string? Source, int? StatusCode, string? Type, string? Message);
