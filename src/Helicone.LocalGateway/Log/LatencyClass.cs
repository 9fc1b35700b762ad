using System;

namespace Helicone.LocalGateway.Log;

/// <summary>Latency classes that grow by 9 %: few enough to sum, and fine enough to read a median from.</summary>
internal static class LatencyClass
{
    private const int ClassesPerDoubling = 8;

    /// <summary>The class of a latency in milliseconds.</summary>
    public static long Of(double milliseconds) => (long)(ClassesPerDoubling * Math.Log2(1 + Math.Max(milliseconds, 0)));

    /// <summary>A latency from the middle of a class, in milliseconds.</summary>
    public static double Middle(long latencyClass) => Math.Pow(2, (latencyClass + 0.5) / ClassesPerDoubling) - 1;
}
