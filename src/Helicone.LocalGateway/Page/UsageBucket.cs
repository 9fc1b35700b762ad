using System;
using Helicone.LocalGateway.Log;

namespace Helicone.LocalGateway.Page;

/// <summary>What some calls add up to.</summary>
internal sealed class UsageBucket
{
    // How many calls are of each class of latencies; a minute is of class 126.
    private long[] _latencies = new long[128];

    public long Calls { get; private set; }

    public long Failed { get; private set; }

    public long Hits { get; private set; }

    public long Tokens { get; private set; }

    public double Cost { get; private set; }

    /// <summary>The number of calls whose cost is unknown and not included.</summary>
    public long Unpriced { get; private set; }

    /// <summary>Adds calls whose latencies are of one class.</summary>
    public void Add(long latency, long calls, long failed, long hits, long tokens, double cost, long unpriced)
    {
        Calls += calls;
        Failed += failed;
        Hits += hits;
        Tokens += tokens;
        Cost += cost;
        Unpriced += unpriced;
        if (latency >= _latencies.Length)
        {
            Array.Resize(ref _latencies, (int)latency * 2);
        }

        _latencies[latency] += calls;
    }

    /// <summary>Adds the calls of another.</summary>
    public void Add(UsageBucket other)
    {
        for (int latency = 0; latency < other._latencies.Length; latency++)
        {
            if (other._latencies[latency] > 0)
            {
                Add(latency, other._latencies[latency], 0, 0, 0, 0, 0);
            }
        }

        Failed += other.Failed;
        Hits += other.Hits;
        Tokens += other.Tokens;
        Cost += other.Cost;
        Unpriced += other.Unpriced;
    }

    /// <summary>The latency that this share of the calls stayed within, to some 5 %; milliseconds.</summary>
    public double Latency(double share)
    {
        long wanted = (long)Math.Min(Calls - 1, share * Calls);
        for (int latency = 0; latency < _latencies.Length; latency++)
        {
            if ((wanted -= _latencies[latency]) < 0)
            {
                return LatencyClass.Middle(latency);
            }
        }

        return 0;
    }
}
