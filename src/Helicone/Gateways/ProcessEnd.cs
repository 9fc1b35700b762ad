using System;
using System.Diagnostics;

namespace Helicone.Gateways;

/// <summary>Ends a process.</summary>
internal static class ProcessEnd
{
    /// <summary>Ends it at once. One that has ended already is what was wanted.</summary>
    public static void Kill(Process process)
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException) when (process.HasExited)
        {
            // It was faster.
        }
    }
}
