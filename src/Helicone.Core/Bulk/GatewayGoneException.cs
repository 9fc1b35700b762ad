using System;

namespace Helicone.Bulk;

/// <summary>The gateway isn't responding: the run stops instead of failing item by item.</summary>
public sealed class GatewayGoneException : Exception
{
    /// <summary>Creates one.</summary>
    public GatewayGoneException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
