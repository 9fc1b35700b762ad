using System;
using Microsoft.Extensions.Logging;

namespace Helicone.LocalGateway;

/// <summary>Every line that the gateway logs. None takes a key, a header or a body.</summary>
internal static partial class GatewayLog
{
    public const string Category = "Helicone.LocalGateway";

    [LoggerMessage(1, LogLevel.Information, "{Source} failed with {StatusCode} {Type}")]
    public static partial void AttemptFailed(ILogger logger, string source, int statusCode, string type);

    [LoggerMessage(2, LogLevel.Error, "Handling {Path} failed")]
    public static partial void Failed(ILogger logger, string path, Exception exception);

    [LoggerMessage(3, LogLevel.Warning, "The answer of {Provider} broke off: {Reason}")]
    public static partial void AnswerCut(ILogger logger, string provider, string reason);

    [LoggerMessage(4, LogLevel.Error, "Watching for Ollama stopped")]
    public static partial void OllamaWatchStopped(ILogger logger, Exception exception);

    [LoggerMessage(5, LogLevel.Warning, "{Provider} reported token counts that no call can have. They were capped, and the cost of the call is unknown")]
    public static partial void ImplausibleUsage(ILogger logger, string provider);

    // From 20 on: what concerns the gateway as a whole. A PowerShell session that has started it is given these as warnings.
    [LoggerMessage(20, LogLevel.Warning, "The log's WAL could not be moved into its database; it is kept, and tried again")]
    public static partial void CheckpointFailed(ILogger logger, Exception exception);

    [LoggerMessage(21, LogLevel.Error, "Old calls could not be deleted from the log")]
    public static partial void RetentionFailed(ILogger logger, Exception exception);

    [LoggerMessage(22, LogLevel.Information, "Retention deleted {Count} calls from the log")]
    public static partial void RetentionDeleted(ILogger logger, long count);

    [LoggerMessage(23, LogLevel.Error, "Calls fail until the log can be written: {Reason}")]
    public static partial void LogUnavailable(ILogger logger, string reason);

    [LoggerMessage(32, LogLevel.Information, "{Path} was read again")]
    public static partial void ConfigurationReloaded(ILogger logger, string path);

    [LoggerMessage(33, LogLevel.Warning, "The changed configuration isn't valid, so the previous one stays: {Reason}")]
    public static partial void ConfigurationRejected(ILogger logger, string reason);

    [LoggerMessage(34, LogLevel.Error, "Watching gateway.json stopped")]
    public static partial void ConfigurationWatchStopped(ILogger logger, Exception exception);

    [LoggerMessage(30, LogLevel.Warning, "The cache isn't working, so every call is a MISS: {Reason}")]
    public static partial void CacheFailed(ILogger logger, string reason);

    [LoggerMessage(36, LogLevel.Warning, "Calls to '{Model}' have no known price, so rate limits in cents don't count them")]
    public static partial void SpendingNotCounted(ILogger logger, string model);

    [LoggerMessage(31, LogLevel.Warning, "The counters of rate limits can't be stored, so they are lost when the gateway ends: {Reason}")]
    public static partial void RateLimitsFailed(ILogger logger, string reason);
}
