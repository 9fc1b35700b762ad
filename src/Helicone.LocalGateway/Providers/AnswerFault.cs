namespace Helicone.LocalGateway.Providers;

/// <summary>Why an answer of success is none.</summary>
/// <param name="Message">What is wrong with it, as what follows the provider's name: "sent an empty answer"; or the provider's own error.</param>
/// <param name="StatusCode">The status that the provider should have answered with.</param>
/// <param name="IsProvidersOwn">Whether the message is the provider's own.</param>
internal readonly record struct AnswerFault(string Message, int StatusCode = 502, bool IsProvidersOwn = false);
