using System.IO;

namespace Helicone.LocalGateway.Providers;

/// <summary>A provider stayed silent for longer than it may.</summary>
internal sealed class ProviderTimeoutException(string message) : IOException(message);
