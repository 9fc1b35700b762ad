namespace Helicone.LocalGateway.Providers;

/// <summary>An API of a provider's own, next to its OpenAI-compatible one.</summary>
/// <param name="Path">What is appended to the base URL.</param>
/// <param name="KeyHeader">The header that carries the key.</param>
/// <param name="VersionHeader">The header that names the API version.</param>
/// <param name="Version">The version that is sent when the client names none.</param>
internal sealed record NativeApi(string Path, string KeyHeader, string VersionHeader, string Version);
