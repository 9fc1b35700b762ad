using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Connections;

namespace Helicone.Gateways;

/// <summary>Starts the gateway that ships in the module.</summary>
internal sealed class GatewayStart
{
    // A child of the gateway may keep its output open for longer than anyone waits for an error.
    private static readonly TimeSpan s_lastWords = TimeSpan.FromSeconds(2);

    // Most people who install the module have no .NET of their own.
    private const string Offline = "Connect-Helicone -Offline works at once, without .NET.";

    private readonly GatewayReports _reports = new();
    private readonly TaskCompletionSource<ReadyLine?> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<int> _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<bool> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<bool> _outputEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<bool> _errorsEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>0 lets the system choose one that is free.</summary>
    public int Port { get; init; }

    public string DatabasePath { get; init; } = DefaultDatabasePath;

    public string? ConfigPath { get; init; }

    public TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The default folder of the gateways' log: one for all sessions of this user.</summary>
    public static string DefaultDatabasePath => Path.Combine(UserFolders.Data, "gateway.db");

    private static string Folder => Path.Combine(Path.GetDirectoryName(typeof(GatewayStart).Assembly.Location)!, "gateway");

    /// <summary>Starts it and waits until it is ready. When one runs on the same database, in this session or in another process, that one is returned.</summary>
    /// <param name="siblings">The gateways that this session has started; the environment that they have set is not for this one.</param>
    /// <param name="cancellationToken">Stops the wait, and the process with it.</param>
    /// <exception cref="GatewayStartException">It did not; the process is gone.</exception>
    public async Task<HeliconeGateway> RunAsync(IEnumerable<HeliconeGateway> siblings, CancellationToken cancellationToken)
    {
        if (siblings.FirstOrDefault(Fits) is { } running)
        {
            return running;
        }

        string assembly = Path.Combine(Folder, "Helicone.LocalGateway.dll");
        if (!File.Exists(assembly))
        {
            throw new GatewayStartException($"The local gateway is missing from the module: '{assembly}'.", "Install the module again.");
        }

        MakeFolder(Path.GetDirectoryName(Path.GetFullPath(DatabasePath)) ?? DatabasePath);
        Process process = Launch(assembly, siblings);
        ReadyLine? ready;
        using (CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
        {
            limit.CancelAfter(Limit);
            using (limit.Token.Register(() => _ready.TrySetResult(null)))
            {
                ready = await _ready.Task;
            }
        }

        string version = FileVersionInfo.GetVersionInfo(assembly).ProductVersion?.Split('+')[0] ?? "unknown";
        if (ready is not null)
        {
            return new HeliconeGateway(process, _exited, _left, _reports, ready, DatabasePath, version) { ConfigPath = ready.IsJoined ? null : ConfigPath };
        }

        bool exited = process.HasExited;
        ProcessEnd.Kill(process);
        await _exited.Task;
        cancellationToken.ThrowIfCancellationRequested();

        // The process may be gone before all that it wrote has been read.
        await Task.WhenAny(Task.WhenAll(_outputEnded.Task, _errorsEnded.Task), Task.Delay(s_lastWords, cancellationToken));
        throw Failure(exited ? process.ExitCode : null);
    }

    /// <summary>Indicates whether a gateway of this session is the one that is asked for. One on the same database with other options is not; starting names what differs.</summary>
    private bool Fits(HeliconeGateway gateway) =>
        !gateway.HasExited
        && !gateway.HasLeft
        && gateway.DatabasePath == DatabasePath
        && (Port == 0 || Port == gateway.Uri.Port)
        && (ConfigPath is null || ConfigPath == gateway.ConfigPath);

    private static string Quote(string argument) => "\"" + argument.Replace("\"", "\\\"") + "\"";

    private static void MakeFolder(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GatewayStartException(
                $"The local gateway stores its files in '{folder}', which can't be created: {e.Message}",
                "Specify a file in a folder that this user can write to: Start-HeliconeGateway -DatabasePath <file>. Connect-Helicone -Local then uses that gateway.",
                e);
        }
    }

    private Process Launch(string assembly, IEnumerable<HeliconeGateway> siblings)
    {
        const string Remedy = "Install the ASP.NET Core runtime 10 or later from https://dotnet.microsoft.com, or set $env:DOTNET_ROOT to the folder that contains dotnet. " + Offline;
        string dotnet = DotnetHost.Find()
            ?? throw new GatewayStartException($"The local gateway needs .NET, and no dotnet was found. Searched: {DotnetHost.Places}.", Remedy);
        ProcessStartInfo start = new(dotnet)
        {
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetDirectoryName(Path.GetFullPath(DatabasePath))!,
            Arguments = string.Join(" ", Arguments(assembly).Select(Quote)),
        };
        // Newest first: each restores what it had replaced.
        foreach (HeliconeGateway sibling in siblings.Reverse())
        {
            sibling.Environment?.Undo(start.Environment);
        }

        Process process = new() { StartInfo = start, EnableRaisingEvents = true };
        process.OutputDataReceived += (_, line) => Read(line.Data);
        process.ErrorDataReceived += (_, line) =>
        {
            _reports.Add(line.Data);
            if (line.Data is null)
            {
                _errorsEnded.TrySetResult(true);
            }
        };
        process.Exited += (_, _) =>
        {
            _exited.TrySetResult(true);
            _ready.TrySetResult(null);
        };
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            throw new GatewayStartException(
                $"The local gateway needs .NET, and '{dotnet}' can't be started: {e.Message}.",
                Remedy,
                e);
        }

        // Read to the end, or the gateway would stop when the pipe is full.
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private List<string> Arguments(string assembly)
    {
        using Process self = Process.GetCurrentProcess();
        List<string> arguments =
        [
            assembly,
            "--port", Port.ToString(CultureInfo.InvariantCulture),
            "--parent", self.Id.ToString(CultureInfo.InvariantCulture),
            "--database", DatabasePath,
        ];
        if (ConfigPath is not null)
        {
            arguments.AddRange(["--config", ConfigPath]);
        }

        return arguments;
    }

    private void Read(string? line)
    {
        if (line is null)
        {
            _outputEnded.TrySetResult(true);
        }
        else if (ReadyLine.TryParse(line) is { } ready)
        {
            _ready.TrySetResult(ready);
        }
        else if (ReadyLine.TryParseLeft(line) is { } others)
        {
            _left.TrySetResult(others);
        }
        else if (!line.StartsWith("{", StringComparison.Ordinal))
        {
            // A ready line that was cut off has the key in it: what begins like one never reaches an error.
            _reports.Add(line);
        }
    }

    private GatewayStartException Failure(int? exitCode)
    {
        StringBuilder message = new(exitCode is null
            ? FormattableString.Invariant($"The local gateway wasn't ready within {Limit.TotalSeconds:0} seconds.")
            : FormattableString.Invariant($"The local gateway ended with exit code {exitCode} before it was ready."));
        foreach (string line in _reports.Lines)
        {
            message.Append(Environment.NewLine).Append(line);
        }

        string text = message.ToString();
        string advice =
            text.IndexOf($"Port {Port} is in use", StringComparison.Ordinal) >= 0
                ? $"Another program is listening on port {Port}. Specify another port with -Port, or omit -Port to use a free one."
            : text.IndexOf("already runs on", StringComparison.Ordinal) >= 0
                ? "To end that gateway, run Stop-HeliconeGateway in every session that uses it. To run another gateway at the same time, specify another file with -DatabasePath."
            : text.IndexOf("install or update .NET", StringComparison.OrdinalIgnoreCase) >= 0
                ? "Install the ASP.NET Core runtime 10 or later from https://dotnet.microsoft.com. " + Offline
            : exitCode is null
                ? "Increase -TimeoutSec."
                : "Correct the error that the gateway reported above, and then run Start-HeliconeGateway again.";
        return new GatewayStartException(text, advice);
    }
}
