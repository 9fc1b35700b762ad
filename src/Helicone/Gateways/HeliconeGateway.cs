using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Security;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace Helicone.Gateways;

/// <summary>A local gateway that this runspace has started or joined.</summary>
public sealed class HeliconeGateway
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    private static readonly byte[] s_leave = Encoding.ASCII.GetBytes("leave\n");

    private readonly Process _process;
    private readonly TaskCompletionSource<bool> _exited;
    private readonly TaskCompletionSource<int> _left;
    private readonly GatewayReports _reports;

    /// <param name="process">The gateway, or when one was running already, the process that keeps it running for this session.</param>
    /// <param name="exited">Completes when the process has ended.</param>
    /// <param name="left">Completes when the process has answered <c>leave</c>, with the number of others that use the gateway.</param>
    /// <param name="reports">What the process writes to standard error.</param>
    /// <param name="ready">What it reported when it was ready.</param>
    /// <param name="databasePath">The full path of the database.</param>
    /// <param name="version">The version of the program.</param>
    internal HeliconeGateway(Process process, TaskCompletionSource<bool> exited, TaskCompletionSource<int> left, GatewayReports reports, ReadyLine ready, string databasePath, string version)
    {
        _process = process;
        _exited = exited;
        _left = left;
        _reports = reports;
        ProcessId = ready.ProcessId;
        IsJoined = ready.IsJoined;
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

    /// <summary>Indicates whether the gateway was already running when this session asked for one.</summary>
    public bool IsJoined { get; }

    /// <summary>Where it keeps what it has answered.</summary>
    public string DatabasePath { get; }

    /// <summary>Its version.</summary>
    public string Version { get; }

    /// <summary>Indicates whether it has ended.</summary>
    public bool HasExited => _exited.Task.IsCompleted;

    /// <summary><c>Running</c> or <c>Stopped</c>.</summary>
    public string Status => HasExited ? "Stopped" : "Running";

    /// <summary>The environment variables that point other programs at it, and what they were before.</summary>
    internal GatewayEnvironment? Environment { get; set; }

    /// <summary>Where it listens.</summary>
    public override string ToString() => Uri.ToString();

    /// <summary>The warnings since the last time that this was read, such as a change of gateway.json that isn't valid.</summary>
    internal IReadOnlyList<string> TakeWarnings() => _reports.TakeWarnings();

    /// <summary>Indicates whether this session has left it. It may still run for others.</summary>
    internal bool HasLeft { get; private set; }

    /// <summary>The gateway.json that it was started with; <see langword="null"/> when there is none, or when another session started the gateway.</summary>
    internal string? ConfigPath { get; init; }

    /// <summary>Leaves the gateway. When nobody else uses it, it ends, and this waits until it has; after 5 seconds it is killed: what it has answered is on disk.</summary>
    /// <returns>The number of others that keep it running.</returns>
    internal async Task<int> StopAsync(CancellationToken cancellationToken)
    {
        if (!Leave())
        {
            Kill();
        }

        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(s_patience);
        using (patience.Token.Register(Kill))
        {
            if (await Task.WhenAny(_left.Task, _exited.Task) == _left.Task && await _left.Task is > 0 and int others)
            {
                return others;
            }

            await _exited.Task;
            return 0;
        }
    }

    /// <summary>Leaves the gateway and does not wait.</summary>
    /// <returns>Indicates whether the process could be notified.</returns>
    internal bool Leave()
    {
        Environment?.Restore();
        HasLeft = true;
        try
        {
            // Not the writer: on .NET Framework it may begin with a byte order mark.
            Stream input = _process.StandardInput.BaseStream;
            input.Write(s_leave, 0, s_leave.Length);
            input.Flush();
            return true;
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            // It is gone already.
            return false;
        }
    }

    /// <summary>Ends the process of this session at once.</summary>
    private void Kill()
    {
        Environment?.Restore();
        ProcessEnd.Kill(_process);
    }
}
