namespace Helicone.LocalGateway.Caching;

/// <summary>How much the cache may hold. Beyond it, answers go that nobody has asked for the longest.</summary>
internal sealed record CacheLimits
{
    public long MaxBytes { get; init; } = 512L * 1024 * 1024;

    public int MaxAnswers { get; init; } = 100_000;

    /// <summary>A longer answer is not kept.</summary>
    public int MaxAnswerBytes { get; init; } = 10 * 1024 * 1024;

    /// <summary>What may wait in memory to be written; while there is more, nothing is kept.</summary>
    public long MaxPendingBytes { get; init; } = 64 * 1024 * 1024;
}
