using System;
using System.Collections.Generic;

namespace Helicone.LocalGateway.Page;

/// <summary>What some calls add up to.</summary>
internal sealed class UsageBucket
{
    private readonly List<int> _latencies = [];
    private bool _isSorted;

    public long Calls { get; private set; }

    public long Failed { get; private set; }

    public long Hits { get; private set; }

    public long Tokens { get; private set; }

    public double Cost { get; private set; }

    public void Add(long status, bool isHit, long tokens, double cost, long latency)
    {
        Calls++;
        Failed += Shown.IsGood(status) ? 0 : 1;
        Hits += isHit ? 1 : 0;
        Tokens += tokens;
        Cost += cost;
        _latencies.Add((int)Math.Clamp(latency, 0, int.MaxValue));
        _isSorted = false;
    }

    /// <summary>The latency that this share of the calls stayed within; milliseconds.</summary>
    public double Latency(double share)
    {
        if (!_isSorted)
        {
            _latencies.Sort();
            _isSorted = true;
        }

        return _latencies.Count == 0 ? 0 : _latencies[(int)Math.Min(_latencies.Count - 1, share * _latencies.Count)];
    }
}
