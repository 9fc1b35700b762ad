using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Security;
using System.Threading;
using System.Threading.Tasks;

namespace Helicone.Gateways;

/// <summary>A local gateway that this runspace has started.</summary>
public sealed class HeliconeGateway
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly Process _process;
    private readonly TaskCompletionSource<bool> _exited;
    private readonly GatewayReports _reports;

    internal HeliconeGateway(Process process, TaskCompletionSource<bool> exited, GatewayReports reports, ReadyLine ready, string databasePath, string version)
    {
        _process = process;
        _exited = exited;
        _reports = reports;
        ProcessId = process.Id;
        Uri = ready.Uri;
        ApiKey = Connections.ApiKey.Protect(ready.Key);
        DatabasePath = databasePath;
        Version = version;
    }

    /// <summary>Where it listens.</summary>
    public Uri Uri { get; }

    /// <summary>The key that it takes.</summary>
    public SecureString ApiKey { get; }

    /// <summary>Its process.</summary>
    public int ProcessId { get; }

    /// <summary>Where it keeps what it has answered.</summary>
    public string DatabasePath { get; }

    /// <summary>Its version.</summary>
    public string Version { get; }

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _exited.Task.IsCompleted;

    /// <summary><c>Running</c> or <c>Stopped</c>.</summary>
    public string Status => HasExited ? "Stopped" : "Running";

    /// <summary>The environment variables that point other programs at it, and what they were before.</summary>
    internal GatewayEnvironment? Environment { get; set; }

    /// <summary>Where it listens.</summary>
    public override string ToString() => Uri.ToString();

    /// <summary>What it has said of itself since this was asked last, such as that a changed gateway.json cannot be used.</summary>
    internal IReadOnlyList<string> TakeWarnings() => _reports.TakeWarnings();

    /// <summary>Asks it to end, and waits until it has. One that does not heed is killed after 5 seconds: what it has answered is on disk.</summary>
    internal async Task StopAsync(CancellationToken cancellationToken)
    {
        Environment?.Restore();
        if (!ProcessEnd.TryTerminate(_process))
        {
            Kill();
        }

        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(s_patience);
        using (patience.Token.Register(Kill))
        {
            await _exited.Task;
        }
    }

    /// <summary>Ends it at once.</summary>
    internal void Kill()
    {
        Environment?.Restore();
        ProcessEnd.Kill(_process);
    }
}
