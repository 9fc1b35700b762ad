using System;
using System.Diagnostics;
using System.IO;
using System.Runtime.InteropServices;

namespace Helicone.Gateways;

/// <summary>The two ways to end a process.</summary>
internal static class ProcessEnd
{
    private const int Sigterm = 15;

    /// <summary>Asks it to end, with SIGTERM, which .NET Standard cannot send. Windows has nothing like it.</summary>
    /// <returns>Whether it could be asked.</returns>
    public static bool TryTerminate(Process process) => Path.DirectorySeparatorChar == '/' && Kill(process.Id, Sigterm) == 0;

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

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int pid, int signal);
}
