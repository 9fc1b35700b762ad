using System;

namespace Helicone.LocalGateway.Hosting;

/// <summary>The gateway cannot start; the message is what its user has to know.</summary>
internal class GatewayStartException(string message, Exception? innerException = null) : Exception(message, innerException);
