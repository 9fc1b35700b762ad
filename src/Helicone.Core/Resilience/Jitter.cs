using System;

namespace Helicone.Resilience;

/// <summary>Spreads out clients that a server told to come back at the same moment.</summary>
internal static class Jitter
{
    // A quarter of the wait: enough to spread a crowd, and no client waits much longer than it was asked to.
    private const int Share = 4;

#if !NET
    private static readonly Random s_random = new();
#endif

    /// <summary>A random number from 0 to 1, safe for use from several threads.</summary>
    internal static double Next()
    {
#if NET
        return Random.Shared.NextDouble();
#else
        lock (s_random)
        {
            return s_random.NextDouble();
        }
#endif
    }

    /// <summary>The time to add to a wait that a server asked for.</summary>
    /// <param name="wait">The wait.</param>
    /// <param name="floor">The range of the jitter for short waits.</param>
    /// <param name="random">A random number from 0 to 1.</param>
    internal static TimeSpan For(TimeSpan wait, TimeSpan floor, double random) =>
        TimeSpan.FromTicks((long)(Math.Max(wait.Ticks / Share, floor.Ticks) * random));
}
