namespace Helicone.LocalGateway.Log;

/// <summary>The statuses in the log when no HTTP status was sent (Helicone's numbers).</summary>
internal static class LogStatus
{
    /// <summary>The client left before the end.</summary>
    public const int Cancelled = -3;
}
