using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Helicone.LocalGateway.Hosting;

namespace Helicone.LocalGateway.Tests.Hosting;

/// <summary>The gateway as a separate process, in an empty folder and without keys.</summary>
internal sealed class GatewayProcess : IDisposable
{
    private static readonly string s_dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    private readonly Process _process;

    private GatewayProcess(Process process) => _process = process;

    public static TimeSpan Patience { get; } = TimeSpan.FromMinutes(1);

    public int Id => _process.Id;

    /// <summary>Starts it and does not wait.</summary>
    public static GatewayProcess Start(IReadOnlyDictionary<string, string>? environment = null, params string[] arguments) =>
        Start([s_dotnet, typeof(GatewayHost).Assembly.Location], environment ?? new Dictionary<string, string>(), arguments);

    /// <summary>Starts it so that none of its files may become larger than that, as on a disk that is full. For the tests on Unix.</summary>
    public static GatewayProcess StartLimited(int kilobytes, params string[] arguments) => Start(
        [
            "/bin/sh", "-c",

            // sh counts in blocks of 512 bytes, a bash in kilobytes. Without the trap, the signal would end the process where a disk that is full gives an error.
            FormattableString.Invariant($"trap '' XFSZ; ulimit -f {kilobytes}; exec \"$0\" \"$@\""),
            s_dotnet, typeof(GatewayHost).Assembly.Location,
        ],

        // The runtime would else reserve its code's memory in a file.
        new Dictionary<string, string> { ["DOTNET_EnableWriteXorExecute"] = "0" },
        arguments);

    private static GatewayProcess Start(IReadOnlyList<string> command, IReadOnlyDictionary<string, string> environment, IReadOnlyList<string> arguments)
    {
        ProcessStartInfo start = new(command[0])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (string part in command.Skip(1))
        {
            start.ArgumentList.Add(part);
        }

        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (string name in (string[])[.. start.Environment.Keys])
        {
            if (name.EndsWith("_API_KEY", StringComparison.OrdinalIgnoreCase))
            {
                start.Environment.Remove(name);
            }
        }

        foreach (KeyValuePair<string, string> variable in environment)
        {
            start.Environment[variable.Key] = variable.Value;
        }

        return new GatewayProcess(Process.Start(start)!);
    }

    public static string DatabaseIn(string folder) => Path.Combine(folder, "helicone.db");

    /// <summary>Writes a line to its standard input.</summary>
    public async Task WriteAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>The next line of its output; the first one reports that it is ready.</summary>
    public async Task<JsonElement> ReadyAsync()
    {
        using CancellationTokenSource patience = new(Patience);
        string line = await _process.StandardOutput.ReadLineAsync(patience.Token) ?? throw new InvalidOperationException("No ready line: " + await _process.StandardError.ReadToEndAsync());
        using JsonDocument ready = JsonDocument.Parse(line);
        return ready.RootElement.Clone();
    }

    /// <summary>The next line of its log.</summary>
    public async Task<string> ErrorLineAsync()
    {
        using CancellationTokenSource patience = new(Patience);
        return await _process.StandardError.ReadLineAsync(patience.Token) ?? throw new InvalidOperationException("It ended.");
    }

    /// <summary>The output after the ready line, on both streams, and how the process ended.</summary>
    public async Task<(int ExitCode, string Output, string Error)> EndAsync()
    {
        using CancellationTokenSource patience = new(Patience);
        Task<string> error = _process.StandardError.ReadToEndAsync(patience.Token);
        string output = await _process.StandardOutput.ReadToEndAsync(patience.Token);
        await _process.WaitForExitAsync(patience.Token);
        return (_process.ExitCode, output, await error);
    }

    /// <summary>Kills it, as the night does.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Sends it a signal. For the tests on Unix.</summary>
    public async Task SignalAsync(string name)
    {
        using Process kill = Process.Start("/bin/sh", ["-c", FormattableString.Invariant($"kill -{name} {Id}")]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
