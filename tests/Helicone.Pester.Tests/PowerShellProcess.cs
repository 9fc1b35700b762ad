using System.Diagnostics;
using System.Threading.Channels;

namespace Helicone.Pester.Tests;

/// <summary>A pwsh that runs a script to its end. One that stays silent for too long is killed, with everything that it started.</summary>
internal static class PowerShellProcess
{
    /// <summary>Long enough for a machine that builds something else meanwhile, and less than the time that the test run grants a test.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(5);

    private static readonly Lazy<string> CommandFolder = new(CreateCommandFolder);

    public static async Task RunAsync(IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(Build.Dotnet, ["exec", Build.PowerShell, "-NoLogo", "-NoProfile", "-NonInteractive", .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment["PATH"] = CommandFolder.Value + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH");
        start.Environment["HELICONE_TEST_OLDER_POLLY"] = Build.OlderPolly;

        using Process process = new() { StartInfo = start };
        Channel<string> output = Channel.CreateUnbounded<string>();
        process.OutputDataReceived += Write;
        process.ErrorDataReceived += Write;
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();

        List<string> lines = [];
        using CancellationTokenSource silence = new(Silence);
        Task ended = process.WaitForExitAsync(silence.Token);
        _ = ended.ContinueWith(_ => output.Writer.TryComplete(), TaskScheduler.Default);
        await foreach (string line in output.Reader.ReadAllAsync())
        {
            silence.CancelAfter(Silence);
            lines.Add(line);
        }

        if (ended.IsCanceled)
        {
            process.Kill(entireProcessTree: true);
            string last = lines.FindLast(line => line.StartsWith("Runtime: ", StringComparison.Ordinal)) ?? "nothing was running yet";
            throw new TimeoutException($"pwsh wrote nothing for {Silence.TotalMinutes} minutes and was killed. {last}\n{Tail(lines)}");
        }

        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"pwsh ended with {process.ExitCode}.\n{Tail(lines)}");
        }

        void Write(object sender, DataReceivedEventArgs data)
        {
            if (data.Data is { } line)
            {
                output.Writer.TryWrite(line);
            }
        }
    }

    private static string Tail(List<string> lines) => string.Join('\n', lines.TakeLast(60));

    /// <summary>A folder for PATH, so that <c>pwsh</c> in a test is the one that runs the test.</summary>
    private static string CreateCommandFolder()
    {
        string folder = Directory.CreateTempSubdirectory("helicone-pwsh-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        if (OperatingSystem.IsWindows())
        {
            File.WriteAllText(Path.Combine(folder, "pwsh.cmd"), $"@\"{Build.Dotnet}\" exec \"{Build.PowerShell}\" %*\r\n");
        }
        else
        {
            string command = Path.Combine(folder, "pwsh");
            File.WriteAllText(command, $"#!/bin/sh\nexec '{Build.Dotnet}' exec '{Build.PowerShell}' \"$@\"\n");
            File.SetUnixFileMode(command, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return folder;
    }
}
