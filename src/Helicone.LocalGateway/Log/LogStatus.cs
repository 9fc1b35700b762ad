namespace Helicone.LocalGateway.Log;

/// <summary>What the log says where no HTTP status was sent (Helicone's own numbers).</summary>
internal static class LogStatus
{
    /// <summary>The client left before the end.</summary>
    public const int Cancelled = -3;
}
