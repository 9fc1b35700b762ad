using System;

namespace Helicone.Gateways;

/// <summary>The local gateway did not start.</summary>
internal sealed class GatewayStartException(string message, string advice, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>What to type next.</summary>
    public string Advice { get; } = advice;
}
