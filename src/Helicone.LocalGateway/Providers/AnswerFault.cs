namespace Helicone.LocalGateway.Providers;

/// <summary>The reason why an answer with a success status isn't an answer.</summary>
/// <param name="Message">The problem, as text that follows the provider's name, such as "sent an empty answer"; or the provider's message.</param>
/// <param name="StatusCode">The status that the provider should have answered with.</param>
/// <param name="IsProvidersOwn">Indicates whether the message is the provider's own.</param>
internal readonly record struct AnswerFault(string Message, int StatusCode = 502, bool IsProvidersOwn = false);
