using System.Collections.Generic;
using System.Linq;

namespace Helicone.Requests;

/// <summary>The cost of calls over time. As text, a line of bars: one for each interval, a question mark where the cost is unknown, and a dot where there are no calls.</summary>
public sealed class UsageTrend
{
    private const string Blocks = "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588";
    private const string Ascii = "_.-:=+*#";
    private const char Unknown = '?';

    private readonly bool _isAscii;

    internal UsageTrend(IReadOnlyList<UsageInterval> intervals, bool isAscii) => (Intervals, _isAscii) = (intervals, isAscii);

    internal static UsageTrend None { get; } = new([], isAscii: false);

    /// <summary>The intervals, oldest first.</summary>
    public IReadOnlyList<UsageInterval> Intervals { get; }

    /// <summary>The bars.</summary>
    public override string ToString()
    {
        decimal highest = Intervals.Select(static interval => interval.Cost).DefaultIfEmpty().Max() ?? 0;
        return string.Concat(Intervals.Select(interval => Bar(interval, highest)));
    }

    private char Bar(UsageInterval interval, decimal highest)
    {
        string bars = _isAscii ? Ascii : Blocks;
        return interval.Requests == 0 ? (_isAscii ? ' ' : '\u00b7')
            : interval.Cost is not { } cost ? Unknown
            : bars[highest == 0 ? 0 : (int)(cost * (bars.Length - 1) / highest)];
    }
}
