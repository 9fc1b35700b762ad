using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;

namespace Helicone.Resilience;

/// <summary>The addresses of the gateway, in the order of preference, and which of them did not answer lately.</summary>
internal sealed class GatewayAddresses
{
    // How long an address that did not answer is left alone before it is preferred again.
    private static readonly TimeSpan s_rest = TimeSpan.FromSeconds(30);

    private readonly long[] _failedAt;
    private readonly TimeProvider _time;

    internal GatewayAddresses(HeliconeOptions options)
    {
        _time = options.TimeProvider;
        Roots = [options.GatewayUri, .. options.FallbackGatewayUris];
        _failedAt = new long[Roots.Length];
    }

    /// <summary>The addresses, in the order of preference.</summary>
    internal Uri[] Roots { get; }

    /// <summary>The places to try: those that answered, or have rested, and behind them those that did not, each in the order of preference.</summary>
    internal IEnumerable<int> InOrder() => Enumerable.Range(0, Roots.Length).OrderBy(index => IsResting(index) ? 1 : 0).ToArray();

    internal void Answered(int index) => Volatile.Write(ref _failedAt[index], 0);

    internal void DidNotAnswer(int index) => Volatile.Write(ref _failedAt[index], _time.GetTimestamp());

    private bool IsResting(int index)
    {
        long failedAt = Volatile.Read(ref _failedAt[index]);
        return failedAt != 0 && _time.GetElapsedTime(failedAt) < s_rest;
    }
}
