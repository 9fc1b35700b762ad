using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
#if NET
using System.Runtime.InteropServices;
using System.Threading;
#endif

namespace Helicone.Mcp;

/// <summary>The process of a server. It is started directly, without a shell, and ends with this one: its standard input is closed, and it is killed when that isn't enough.</summary>
internal sealed class ServerProcess : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly Process _process;
    private readonly StandardErrorLog _errors;
    private readonly EventHandler _onExit;
    private int _leadsGroup;

    private ServerProcess(Process process, bool leadsGroup, Func<string, string> redact)
    {
        _process = process;
        _leadsGroup = leadsGroup ? 1 : 0;
        Id = process.Id;
        Input = new ServerInput(process.StandardInput.BaseStream);
        _errors = new StandardErrorLog(process.StandardError.BaseStream, redact);
        _onExit = (_, _) => Kill();
        AppDomain.CurrentDomain.ProcessExit += _onExit;
        if (leadsGroup)
        {
            // What a server that ends leaves behind has its pipes, and no one else who would end it.
            process.Exited += (_, _) => KillGroup();
            process.EnableRaisingEvents = true;
        }
    }

    internal int Id { get; }

    internal ServerInput Input { get; }

    internal Stream Output => _process.StandardOutput.BaseStream;

    /// <summary>The last lines of the standard error; <see langword="null"/> without any.</summary>
    internal string? StandardError => _errors.Text;

    /// <summary>The exit code; <see langword="null"/> while the process runs.</summary>
    internal int? ExitCode
    {
        get
        {
            try
            {
                return _process.HasExited ? _process.ExitCode : null;
            }
            catch (InvalidOperationException)
            {
                return null;
            }
        }
    }

    /// <exception cref="McpException">The process can't be started.</exception>
    internal static async Task<ServerProcess> StartAsync(McpServerOptions options, Func<string, string> redact)
    {
        Dictionary<string, string> variables = ChildEnvironment.Of(Environment.GetEnvironmentVariables(), options.Environment);
        string program = CommandLine.Find(options.Command!, options.WorkingDirectory, Variable(variables, "PATH"), Variable(variables, "PATHEXT"));
        CommandLine.Check(program, options.Arguments);
        ProcessStartInfo start = new(program)
        {
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = options.WorkingDirectory ?? string.Empty,
        };
#if NET
        foreach (string argument in options.Arguments)
        {
            start.ArgumentList.Add(argument);
        }
#else
        start.Arguments = CommandLine.Join(options.Arguments);
#endif
        start.Environment.Clear();
        foreach (KeyValuePair<string, string> variable in variables)
        {
            start.Environment[variable.Key] = variable.Value;
        }

        try
        {
            (Process process, bool leadsGroup) = await ProcessStarter.StartAsync(start).ConfigureAwait(false);
            return new ServerProcess(process, leadsGroup, redact);
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            throw new McpException(McpErrorKind.StartFailed, $"The MCP server '{options.Name}' can't be started: {e.Message}", e);
        }
    }

    /// <summary>Closes the standard input, which tells a server to end, and kills the process when it doesn't end.</summary>
    internal async Task EndAsync()
    {
        CloseInput();
        for (int waited = 0; waited < s_patience.TotalMilliseconds && ExitCode is null; waited += 20)
        {
            await Task.Delay(20).ConfigureAwait(false);
        }

        Kill();
    }

    /// <summary>Waits a moment for a process that seems to be gone, and for its last words.</summary>
    internal async Task SettleAsync()
    {
        for (int waited = 0; waited < s_patience.TotalMilliseconds && ExitCode is null; waited += 20)
        {
            await Task.Delay(20).ConfigureAwait(false);
        }

        if (ExitCode is not null)
        {
            await Task.WhenAny(_errors.Completion, Task.Delay(500)).ConfigureAwait(false);
        }
    }

    /// <summary>Gives the process half a second to end, and kills it.</summary>
    internal void Abort()
    {
        CloseInput();
        try
        {
            _ = _process.WaitForExit(500);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // It has never started, or is gone.
        }

        Kill();
    }

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= _onExit;
        Kill();
        _process.Dispose();
    }

    /// <summary>Describes how the process ended.</summary>
    internal string Describe(string name) => ExitCode is { } code
        ? string.Format(CultureInfo.InvariantCulture, "The MCP server '{0}' exited with code {1}.", name, code)
        : $"The MCP server '{name}' closed its output.";

    private static string? Variable(Dictionary<string, string> variables, string name) =>
        variables.FirstOrDefault(variable => variable.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    private void CloseInput()
    {
        try
        {
            Input.Dispose();
        }
        catch (IOException)
        {
            // The other end is closed already.
        }
    }

    /// <summary>Ends what is left of the process group, once: later, another group may have its number.</summary>
    private void KillGroup()
    {
#if NET
        if (Interlocked.Exchange(ref _leadsGroup, 0) != 0)
        {
            _ = NativeMethods.Kill(-Id, NativeMethods.SignalKill);
        }
#else
        // Windows has no process groups.
        _leadsGroup = 0;
#endif
    }

    private void Kill()
    {
        if (ExitCode is null)
        {
            KillGroup();
        }

        try
        {
#if NET
            _process.Kill(entireProcessTree: true);

            // The system takes a moment; whoever asked for the end expects that it has come.
            _ = _process.WaitForExit(1_000);
#else
            if (!_process.HasExited)
            {
                // .NET Framework kills no children, and npx.cmd has some.
                ProcessStartInfo start = new(Path.Combine(Environment.SystemDirectory, "taskkill.exe"), string.Format(CultureInfo.InvariantCulture, "/T /F /PID {0}", Id))
                {
                    UseShellExecute = false,
                    CreateNoWindow = true,
                };
                using (Process? kill = File.Exists(start.FileName) ? Process.Start(start) : null)
                {
                    _ = kill?.WaitForExit(5_000);
                }

                _process.Kill();
            }
#endif
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or NotSupportedException or AggregateException)
        {
            // It has ended.
        }
    }

#if NET
    private static class NativeMethods
    {
        internal const int SignalKill = 9;

        [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        internal static extern int Kill(int process, int signal);
    }
#endif
}
