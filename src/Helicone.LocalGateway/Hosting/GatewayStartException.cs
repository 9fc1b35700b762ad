using System;

namespace Helicone.LocalGateway.Hosting;

/// <summary>The gateway can't start; the message is for its user.</summary>
internal class GatewayStartException(string message, Exception? innerException = null) : Exception(message, innerException);
