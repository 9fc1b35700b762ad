using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Helicone.Http;

namespace Helicone.Resilience;

/// <summary>The addresses of the gateway, in the order of preference, and which of them did not answer lately.</summary>
internal sealed class GatewayAddresses
{
    // How long an address that did not answer is left alone before it is preferred again.
    private static readonly TimeSpan s_rest = TimeSpan.FromSeconds(30);

    private readonly Uri[] _addresses;
    private readonly long[] _failedAt;
    private readonly TimeProvider _time;

    internal GatewayAddresses(HeliconeOptions options, string path)
    {
        _time = options.TimeProvider;
        _addresses = [.. new[] { options.GatewayUri }.Concat(options.FallbackGatewayUris).Select(uri => HeliconeTransport.Combine(uri, path))];
        _failedAt = new long[_addresses.Length];
    }

    /// <summary>The only address; <see langword="null"/> when there are several.</summary>
    internal Uri? Only => _addresses.Length == 1 ? _addresses[0] : null;

    /// <summary>The address at a place.</summary>
    internal Uri this[int index] => _addresses[index];

    /// <summary>The places to try: those that answered, or have rested, and behind them those that did not, each in the order of preference.</summary>
    internal IEnumerable<int> InOrder() => Enumerable.Range(0, _addresses.Length).OrderBy(index => IsResting(index) ? 1 : 0).ToArray();

    internal void Answered(int index) => Volatile.Write(ref _failedAt[index], 0);

    internal void DidNotAnswer(int index) => Volatile.Write(ref _failedAt[index], _time.GetTimestamp());

    private bool IsResting(int index)
    {
        long failedAt = Volatile.Read(ref _failedAt[index]);
        return failedAt != 0 && _time.GetElapsedTime(failedAt) < s_rest;
    }
}
