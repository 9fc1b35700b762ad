using System;
using System.Diagnostics;
using System.Threading.Tasks;
#if NET
using System.Collections.Concurrent;
using System.IO;
using System.Threading;
#endif

namespace Helicone.Mcp;

/// <summary>Starts the process of a server in a process group of its own, so that Ctrl+C in the terminal doesn't reach it, and so that it ends when this process is killed, as far as the system offers that.</summary>
/// <remarks>
/// Linux: <c>setsid</c> and <c>setpriv --pdeathsig</c> of util-linux change their own process, and then become the server. macOS: perl, which is
/// a part of the system, does the former. Windows: a process without a window has a console of its own, and a job ends it. Where a
/// program is missing, the server is started directly.
/// </remarks>
internal static class ProcessStarter
{
    private static readonly Lazy<string[]> s_prefix = new(FindPrefix);

    /// <summary>Starts a process.</summary>
    /// <param name="start">How to start it.</param>
    /// <returns>The process, and a value that indicates whether it leads a process group.</returns>
    internal static async Task<(Process Process, bool LeadsGroup)> StartAsync(ProcessStartInfo start)
    {
#if NET
        string[] prefix = s_prefix.Value;
        if (prefix.Length > 0)
        {
            string program = start.FileName;
            string[] arguments = [.. start.ArgumentList];
            start.FileName = prefix[0];
            start.ArgumentList.Clear();
            foreach (string argument in (string[])[.. prefix.AsSpan(1), program, .. arguments])
            {
                start.ArgumentList.Add(argument);
            }

            return (await LongLivedThread.RunAsync(() => Begin(start)).ConfigureAwait(false), true);
        }
#endif
        Process process = await Task.Run(() => Begin(start)).ConfigureAwait(false);
        WindowsJob.Add(process);
        return (process, false);
    }

    private static Process Begin(ProcessStartInfo start) => Process.Start(start) ?? throw new InvalidOperationException("no process was started.");

    private static string[] FindPrefix()
    {
#if NET
        if (OperatingSystem.IsMacOS())
        {
            return File.Exists("/usr/bin/perl") ? ["/usr/bin/perl", "-e", "setpgrp(0, 0); exec { $ARGV[0] } @ARGV; exit 127", "--"] : [];
        }

        if (OperatingSystem.IsLinux() && Program("setsid") is { } setsid)
        {
            return Program("setpriv") is { } setpriv && CanEndWithParent(setpriv) ? [setsid, setpriv, "--pdeathsig", "TERM", "--"] : [setsid];
        }
#endif
        return [];
    }

#if NET
    // Not from PATH: what stands there first may be anything.
    private static string? Program(string name) => Array.Find([$"/usr/bin/{name}", $"/bin/{name}"], File.Exists);

    // That of BusyBox, and that of util-linux before 2.33, have no such option.
    private static bool CanEndWithParent(string setpriv)
    {
        try
        {
            using Process? process = Process.Start(new ProcessStartInfo(setpriv, ["--pdeathsig", "keep", "--", "/proc/self/exe", "--version"]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true });
            return process is not null && process.WaitForExit(5_000) && process.ExitCode == 0;
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or InvalidOperationException or IOException)
        {
            return false;
        }
    }

    /// <summary>A thread that lives as long as the process.</summary>
    /// <remarks>Linux sends the signal when the thread that started the process ends, and the threads of the pool come and go.</remarks>
    private static class LongLivedThread
    {
        private static readonly BlockingCollection<Action> s_work = [];

        static LongLivedThread()
        {
            Thread thread = new(static () =>
            {
                foreach (Action work in s_work.GetConsumingEnumerable())
                {
                    work();
                }
            })
            {
                IsBackground = true,
                Name = "Helicone MCP servers",
            };
            thread.Start();
        }

        internal static Task<T> RunAsync<T>(Func<T> work)
        {
            TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
            s_work.Add(() =>
            {
                try
                {
                    done.SetResult(work());
                }
                catch (Exception e)
                {
                    done.SetException(e);
                }
            });
            return done.Task;
        }
    }
#endif
}
