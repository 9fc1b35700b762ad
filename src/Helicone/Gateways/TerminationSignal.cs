using System.Diagnostics;
using System.IO;
using System.Runtime.InteropServices;

namespace Helicone.Gateways;

/// <summary>SIGTERM, which .NET Standard cannot send. Windows has nothing like it.</summary>
internal static class TerminationSignal
{
    private const int Sigterm = 15;

    /// <summary>Asks a process to end.</summary>
    /// <returns>Whether it could be asked.</returns>
    public static bool Send(Process process) => Path.DirectorySeparatorChar == '/' && Kill(process.Id, Sigterm) == 0;

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int pid, int signal);
}
