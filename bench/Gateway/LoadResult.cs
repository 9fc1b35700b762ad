namespace Helicone.Bench.Gateway;

/// <summary>What one load gave; latencies in microseconds.</summary>
internal readonly record struct LoadResult(double PerSecond, double P50, double P99)
{
    public static LoadResult Of(double[] latencies, TimeSpan duration)
    {
        Array.Sort(latencies);
        return new LoadResult(latencies.Length / duration.TotalSeconds, latencies[latencies.Length / 2], latencies[(int)(latencies.Length * 0.99)]);
    }
}
