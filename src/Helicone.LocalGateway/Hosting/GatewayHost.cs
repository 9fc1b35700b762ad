using System;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Threading;
using System.Threading.Tasks;
using Helicone.LocalGateway.Authentication;
using Helicone.LocalGateway.Caching;
using Helicone.LocalGateway.Configuration;
using Helicone.LocalGateway.Log;
using Helicone.LocalGateway.Page;
using Helicone.LocalGateway.Providers;
using Helicone.LocalGateway.Query;
using Helicone.LocalGateway.RateLimits;
using Helicone.LocalGateway.Requests;
using Helicone.LocalGateway.Routing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Helicone.LocalGateway.Hosting;

/// <summary>A running gateway.</summary>
internal sealed class GatewayHost : IAsyncDisposable
{
    private static readonly TimeSpan s_patienceAtTheEnd = TimeSpan.FromSeconds(5);

    /// <summary>The version of this program.</summary>
    internal static string Version { get; } = typeof(GatewayHost).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    private readonly WebApplication _app;
    private readonly GatewayParts _parts;
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _watching;
    private readonly string _database;

    private GatewayHost(WebApplication app, GatewayParts parts, string database, GatewayUsers users, Uri uri, GatewayKey key, LogOptions retention, Func<CancellationToken, Task> watch)
    {
        _app = app;
        _parts = parts;
        _database = database;
        Users = users;
        Uri = uri;
        Key = key;
        Retention = retention;
        _watching = watch(_ending.Token);
    }

    /// <summary>Where it listens: <c>http://127.0.0.1:port/</c>.</summary>
    public Uri Uri { get; }

    /// <summary>The key that it takes.</summary>
    public GatewayKey Key { get; }

    /// <summary>How long calls were kept when it started.</summary>
    public LogOptions Retention { get; }

    /// <summary>The processes that need it.</summary>
    public GatewayUsers Users { get; }

    /// <summary>Starts one; it takes requests when this returns.</summary>
    /// <exception cref="GatewayRunningException">Another gateway runs on the database.</exception>
    /// <exception cref="GatewayStartException">A path, the configuration or the port is wrong.</exception>
    public static async Task<GatewayHost> StartAsync(GatewayOptions options, CancellationToken cancellationToken = default)
    {
        string database = DataFolder.Open(options.DatabasePath);
        GatewayParts parts = new();

        // Kept first, released last: until then nobody else writes what this gateway has open.
        parts.Keep(DataLock.TryTake(database) ?? throw new GatewayRunningException(database));
        try
        {
            // Of a gateway that was killed.
            RunningGateway.Delete(database);
            return await StartAsync(options, database, parts, cancellationToken);
        }
        catch
        {
            await parts.DisposeAsync();
            throw;
        }
    }

    private static async Task<GatewayHost> StartAsync(GatewayOptions options, string database, GatewayParts parts, CancellationToken cancellationToken)
    {
        GatewayKey key = GatewayKeyFile.LoadOrCreate(Path.GetDirectoryName(database)!);
        byte[]? text = options.ConfigurationPath is { } path ? GatewayConfigurationReader.ReadText(path) : null;
        GatewayConfiguration initial = text is null ? new GatewayConfiguration() : GatewayConfigurationReader.Parse(options.ConfigurationPath!, text);

        WebApplication app = Build(options);
        ILogger logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(GatewayLog.Category);
        try
        {
            LiveConfiguration configuration = parts.Keep(new LiveConfiguration(options, initial));
            LiveRoutingTable routing = configuration.Routing;
            RequestLog log = parts.Keep(RequestLog.Open(database, logger, new LogSpace(database, options.FreeSpace)));
            AnswerCache cache = parts.Keep(new AnswerCache(StateFile.Beside(database, "cache"), options.Cache, options.TimeProvider, logger));
            RateLimiter limits = parts.Keep(new RateLimiter(StateFile.Beside(database, "limits"), options.TimeProvider, logger));

            Authenticator authenticator = new(key);
            InferencePipeline inference = new(authenticator, routing, cache, limits, log, options.TimeProvider, logger);
            ApiRequests api = ApiRequests.Over(log, authenticator, routing, options.TimeProvider);
            GatewayUsers users = new(options.ParentProcessId, options.TimeProvider);
            UserRequests userRequests = new(authenticator, users);
            app.Run(new GatewayRequests(inference, api, new PageRequests(authenticator, log, options.TimeProvider, () => configuration.Retention), userRequests, routing, logger).HandleAsync);
            await ListenAsync(app, options.Port ?? GatewayOptions.DefaultPort, cancellationToken);

            Uri uri = new(app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single());
            Describe(options, uri).Write(database);
            LogRetention retention = new(log, () => configuration.Retention, options.TimeProvider, logger);
            return new GatewayHost(app, parts, database, users, uri, key, configuration.Retention, ending => Task.WhenAll(
                Task.Run(() => retention.RunAsync(ending), CancellationToken.None),
                WatchOllamaAsync(routing, options.TimeProvider, logger, ending),
                WatchConfigurationAsync(options.ConfigurationPath, text, configuration, logger, ending)));
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>Returns when it is to end: at a signal, or when nobody needs it anymore.</summary>
    /// <param name="options">Its options.</param>
    /// <param name="leave">The parent has left.</param>
    /// <param name="ending">A signal.</param>
    public async Task WaitForEndAsync(GatewayOptions options, Task leave, CancellationToken ending)
    {
        Task signaled = Task.Delay(Timeout.Infinite, ending);
        if (await Task.WhenAny(leave, Users.Gone, signaled) == leave && options.ParentProcessId is { } parent)
        {
            ReadyLine.WriteLeft(Users.Remove(parent));
            await Task.WhenAny(Users.Gone, signaled);
        }
    }

    /// <summary>Ends it: what is under way gets a few seconds, what is idle is closed.</summary>
    public async ValueTask DisposeAsync()
    {
        RunningGateway.Delete(_database);
        await _ending.CancelAsync();
        using CancellationTokenSource patience = new(s_patienceAtTheEnd);
        await _app.StopAsync(patience.Token);
        await _watching;
        await _app.DisposeAsync();
        await _parts.DisposeAsync();
        _ending.Dispose();
    }

    private static RunningGateway Describe(GatewayOptions options, Uri uri) => new()
    {
        Uri = uri,
        ProcessId = Environment.ProcessId,
        ProcessStart = ParentProcess.StartTimeOf(Environment.ProcessId),
        Version = Version,
        ConfigurationPath = options.ConfigurationPath is { } path ? Path.GetFullPath(path) : null,
        KeyVariables = ProviderSetup.KeyVariables(options.Environment),
    };

    private static async Task ListenAsync(WebApplication app, int port, CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new GatewayStartException($"Port {port} is in use. Specify another port with --port, or 0 for any free port.", e);
        }
        catch (SocketException e)
        {
            throw new GatewayStartException($"Port {port} can't be opened: {e.Message}. Specify another port with --port, or 0 for any free port.", e);
        }
    }

    /// <summary>An empty builder, so that the gateway stays on loopback regardless of ASPNETCORE_URLS or an appsettings.json in the current folder.</summary>
    private static WebApplication Build(GatewayOptions options)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "Helicone.LocalGateway" });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, options.Port ?? GatewayOptions.DefaultPort, listen => listen.Protocols = HttpProtocols.Http1);
            KestrelServerLimits limits = kestrel.Limits;

            // RequestReader counts. Kestrel would close the connection on who is still sending, and its 413 would be lost on the way.
            limits.MaxRequestBodySize = null;
            limits.MaxRequestHeadersTotalSize = 64 * 1024;
            limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
            limits.KeepAliveTimeout = TimeSpan.FromMinutes(2);
            limits.MaxConcurrentConnections = 2048;

            // A pipeline that thinks about each chunk reads slowly and is no attacker: it has the key.
            limits.MinResponseDataRate = null;
        });

        // Program listens to signals; a gateway inside another process leaves them alone.
        builder.Services.AddSingleton<IHostLifetime, HostedLifetime>();

        // The gateway reports the framework's messages better, or has handled them already.
        builder.Logging
            .SetMinimumLevel(LogLevel.Critical)
            .AddFilter(GatewayLog.Category, options.Verbose ? LogLevel.Information : LogLevel.Warning)
            .AddSimpleConsole(console => console.SingleLine = true);
        builder.Services.Configure<ConsoleLoggerOptions>(console =>
        {
            // Standard output carries one line and it is not a log's; a reader who never reads must not stop the gateway.
            console.LogToStandardErrorThreshold = LogLevel.Trace;
            console.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite;
        });
        return builder.Build();
    }

    private static async Task WatchOllamaAsync(LiveRoutingTable routing, TimeProvider time, ILogger logger, CancellationToken ending)
    {
        // Off the thread that starts the gateway.
        await Task.Yield();
        try
        {
            await new OllamaWatch(routing, time).RunAsync(ending);
        }
        catch (Exception e) when (!ending.IsCancellationRequested)
        {
            GatewayLog.OllamaWatchStopped(logger, e);
        }
    }

    private static async Task WatchConfigurationAsync(string? path, byte[]? known, LiveConfiguration configuration, ILogger logger, CancellationToken ending)
    {
        if (path is null || known is null)
        {
            return;
        }

        await Task.Yield();
        try
        {
            await new ConfigurationWatch(path, configuration, logger).RunAsync(known, ending);
        }
        catch (Exception e) when (!ending.IsCancellationRequested)
        {
            GatewayLog.ConfigurationWatchStopped(logger, e);
        }
    }
}
