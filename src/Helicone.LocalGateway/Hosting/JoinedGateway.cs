using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Helicone.LocalGateway.Authentication;
using Helicone.LocalGateway.Providers;

namespace Helicone.LocalGateway.Hosting;

/// <summary>A running gateway on the same database, as seen by a second start, which waits on it instead of starting another gateway.</summary>
internal sealed class JoinedGateway : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly HttpMessageInvoker _http;

    private JoinedGateway(RunningGateway running, GatewayKey key, HttpMessageInvoker http)
    {
        Running = running;
        Key = key;
        _http = http;
    }

    public RunningGateway Running { get; }

    public GatewayKey Key { get; }

    /// <summary>Registers this process with the gateway that runs on the database.</summary>
    /// <returns><see langword="null"/> when there is no gateway to join: it is starting, ending, not responding, or gone.</returns>
    /// <exception cref="GatewayStartException">It runs with other options than these.</exception>
    public static async Task<JoinedGateway?> TryJoinAsync(GatewayOptions options, CancellationToken cancellationToken)
    {
        string database = DataFolder.Open(options.DatabasePath);
        if (RunningGateway.TryRead(database) is not { IsAlive: true } running)
        {
            return null;
        }

        Compare(options, running, database);
        JoinedGateway joined = new(running, GatewayKeyFile.LoadOrCreate(Path.GetDirectoryName(database)!), CreateInvoker());
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(s_patience);
        try
        {
            if (await joined.SendAsync(HttpMethod.Post, patience.Token) is not null)
            {
                return joined;
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The system accepts connections for a process that is suspended or hangs, and nothing ever answers them.
        }

        joined.Dispose();
        return null;
    }

    /// <summary>Describes the gateway that runs on the database but cannot be joined.</summary>
    public static string Describe(GatewayOptions options)
    {
        string database = DataFolder.Open(options.DatabasePath);
        return RunningGateway.TryRead(database) is { IsAlive: true } running
            ? Describe(running, database)
            : $"A local gateway already runs on '{database}'";
    }

    /// <summary>Stays until this process is to end, or the gateway has ended.</summary>
    /// <param name="options">The options of this process.</param>
    /// <param name="leave">The parent has left.</param>
    /// <param name="ending">A signal.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> StayAsync(GatewayOptions options, Task leave, CancellationToken ending)
    {
        Warn(options);
        ReadyLine.Write(this);
        using CancellationTokenSource over = new();
        Task gone = ParentProcess.WaitForExitAsync(Running.ProcessId, options.TimeProvider, over.Token);
        Task orphaned = options.ParentProcessId is { } parent ? ParentProcess.WaitForExitAsync(parent, options.TimeProvider, over.Token) : Task.Delay(Timeout.Infinite, over.Token);
        Task first = await Task.WhenAny(gone, leave, orphaned, Task.Delay(Timeout.Infinite, ending));
        if (first == gone)
        {
            ReadyLine.WriteError($"The local gateway at {Running.Uri} has ended.");
            return options.ParentProcessId is null ? 1 : 0;
        }

        int users = await LeaveAsync();
        if (first == leave)
        {
            ReadyLine.WriteLeft(users);
        }

        if (users == 0)
        {
            await Task.WhenAny(gone, Task.Delay(s_patience, options.TimeProvider, CancellationToken.None));
        }

        await over.CancelAsync();
        return 0;
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Reports what differs from a gateway that this process would have started.</summary>
    private void Warn(GatewayOptions options)
    {
        string[] missing = [.. ProviderSetup.KeyVariables(options.Environment).Except(Running.KeyVariables, StringComparer.Ordinal)];
        if (missing.Length > 0)
        {
            ReadyLine.WriteWarning($"The local gateway at {Running.Uri} was started without {string.Join(", ", missing)} and doesn't use it. To use the key, stop that gateway, or start one on another database.");
        }

        if (Running.Version != GatewayHost.Version)
        {
            ReadyLine.WriteWarning($"The local gateway at {Running.Uri} has version {Running.Version}, and this module has {GatewayHost.Version}. It runs until every session that uses it has ended.");
        }
    }

    /// <returns>How many users the gateway still has; 0 when it is ending or gone.</returns>
    private async Task<int> LeaveAsync()
    {
        using CancellationTokenSource patience = new(s_patience);
        try
        {
            return await SendAsync(HttpMethod.Delete, patience.Token) ?? 0;
        }
        catch (OperationCanceledException)
        {
            // It hangs. It notices that this process is gone when it works again.
            return 1;
        }
    }

    private static void Compare(GatewayOptions options, RunningGateway running, string database)
    {
        string where = Describe(running, database);
        if (options.Port is { } port and not 0 && port != running.Uri.Port)
        {
            throw new GatewayStartException(string.Create(CultureInfo.InvariantCulture, $"{where}, and it isn't listening on port {port}. Stop it first, omit the port to join it, or specify another database."));
        }

        if (options.ConfigurationPath is { } path && !IsSame(Path.GetFullPath(path), running.ConfigurationPath))
        {
            string its = running.ConfigurationPath is { } other ? $"its configuration is '{other}'" : "it has no configuration file";
            throw new GatewayStartException($"{where}, and {its}, not '{Path.GetFullPath(path)}'. Stop it first, omit the configuration to join it, or specify another database.");
        }
    }

    private static string Describe(RunningGateway running, string database) =>
        string.Create(CultureInfo.InvariantCulture, $"A local gateway already runs on '{database}' ({running.Uri}, process {running.ProcessId})");

    private static bool IsSame(string path, string? other) =>
        string.Equals(path, other, OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);

    /// <returns>The number of users of the gateway; <see langword="null"/> when it has ended or is ending.</returns>
    private async Task<int?> SendAsync(HttpMethod method, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(method, new Uri(Running.Uri, UserRequests.PathOf(Environment.ProcessId)));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Key.Text);
        try
        {
            using HttpResponseMessage response = await _http.SendAsync(request, cancellationToken);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                return null;
            }

            await using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken);
            using JsonDocument answer = await JsonDocument.ParseAsync(body, default, cancellationToken);

            // The state file may be older than the gateway; the answer is not.
            return answer.RootElement.GetProperty("pid").GetInt32() == Running.ProcessId ? answer.RootElement.GetProperty("users").GetInt32() : null;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException or InvalidOperationException or System.Collections.Generic.KeyNotFoundException)
        {
            return null;
        }
    }

    private static HttpMessageInvoker CreateInvoker() => new(
        new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = s_patience },
        disposeHandler: true);
}
