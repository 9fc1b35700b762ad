using System;
using System.Collections.Generic;
using Helicone.LocalGateway.Log;

namespace Helicone.LocalGateway.Page;

/// <summary>What some calls add up to.</summary>
internal sealed class UsageBucket
{
    private readonly SortedDictionary<long, long> _latencies = [];

    public long Calls { get; private set; }

    public long Failed { get; private set; }

    public long Hits { get; private set; }

    public long Tokens { get; private set; }

    public double Cost { get; private set; }

    /// <summary>Adds calls whose latencies are of one class.</summary>
    public void Add(long latency, long calls, long failed, long hits, long tokens, double cost)
    {
        Calls += calls;
        Failed += failed;
        Hits += hits;
        Tokens += tokens;
        Cost += cost;
        _latencies[latency] = _latencies.GetValueOrDefault(latency) + calls;
    }

    /// <summary>The latency that this share of the calls stayed within, to some 5 %; milliseconds.</summary>
    public double Latency(double share)
    {
        long wanted = (long)Math.Min(Calls - 1, share * Calls);
        foreach ((long latency, long calls) in _latencies)
        {
            if ((wanted -= calls) < 0)
            {
                return LatencyClass.Middle(latency);
            }
        }

        return 0;
    }
}
