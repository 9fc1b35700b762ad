using System;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace Helicone.LocalGateway.Hosting;

/// <summary>A process that the gateway must not outlive: the one that started it, or one that joined.</summary>
internal static class ParentProcess
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(500);

    /// <summary>Returns when that process is gone, however it went.</summary>
    public static async Task WaitForExitAsync(int processId, TimeProvider time, CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsLinux())
        {
            await PollAsync(processId, time, cancellationToken);
            return;
        }

        try
        {
            using Process process = Process.GetProcessById(processId);
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
        {
            // It is gone already.
        }
    }

    /// <summary>
    /// Asks /proc: a process that was killed and that nobody waited for still has its id, and in a container without an init it keeps it for good.
    /// The start time distinguishes it from a later process with the same id.
    /// </summary>
    private static async Task PollAsync(int processId, TimeProvider time, CancellationToken cancellationToken)
    {
        if (StartTimeOf(processId) is not { } started)
        {
            return;
        }

        using PeriodicTimer timer = new(s_interval, time);
        while (StartTimeOf(processId) == started)
        {
            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }

    /// <summary>When the process started, in the operating system's own terms. Distinguishes it from a later process with the same id.</summary>
    /// <returns><see langword="null"/> when the process is gone, or is a zombie.</returns>
    internal static string? StartTimeOf(int processId)
    {
        if (!OperatingSystem.IsLinux())
        {
            return StartTimeElsewhere(processId);
        }

        try
        {
            string stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/stat"));

            // The name is in parentheses and may contain anything. The state follows the last parenthesis, and the start time 19 fields later.
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : fields[19];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string? StartTimeElsewhere(int processId)
    {
        try
        {
            using Process process = Process.GetProcessById(processId);
            return process.HasExited ? null : process.StartTime.ToUniversalTime().Ticks.ToString(CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return null;
        }
    }
}
