using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using Helicone.LocalGateway.Authentication;
using Helicone.LocalGateway.Caching;
using Helicone.LocalGateway.Configuration;
using Helicone.LocalGateway.Log;
using Helicone.LocalGateway.Offline;
using Helicone.LocalGateway.Page;
using Helicone.LocalGateway.Providers;
using Helicone.LocalGateway.Query;
using Helicone.LocalGateway.RateLimits;
using Helicone.LocalGateway.Registry;
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

    private readonly WebApplication _app;
    private readonly RequestLog _log;
    private readonly AnswerCache _cache;
    private readonly RateLimiter _limits;
    private readonly IReadOnlyList<UpstreamProvider> _providers;
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _watching;

    private GatewayHost(WebApplication app, RequestLog log, AnswerCache cache, RateLimiter limits, Uri uri, GatewayKey key, IReadOnlyList<UpstreamProvider> providers, Func<CancellationToken, Task> watch)
    {
        _app = app;
        _log = log;
        _cache = cache;
        _limits = limits;
        Uri = uri;
        Key = key;
        _providers = providers;
        _watching = watch(_ending.Token);
    }

    /// <summary>Where it listens: <c>http://127.0.0.1:port/</c>.</summary>
    public Uri Uri { get; }

    /// <summary>The key that it takes.</summary>
    public GatewayKey Key { get; }

    /// <summary>Starts one; it takes requests when this returns.</summary>
    /// <exception cref="GatewayStartException">A path, the configuration or the port is wrong.</exception>
    public static async Task<GatewayHost> StartAsync(GatewayOptions options, CancellationToken cancellationToken = default)
    {
        string database = DataFolder.Open(options.DatabasePath);
        GatewayKey key = GatewayKeyFile.LoadOrCreate(Path.GetDirectoryName(database)!);
        GatewayConfiguration configuration = GatewayConfigurationReader.Read(options.ConfigurationPath);
        UpstreamProvider[] providers = [.. ProviderSetup.Providers(configuration, options.Environment, options.OllamaUri).Select(s => new UpstreamProvider(s))];
        ModelRegistry registry = ModelRegistry.BuiltIn().With(ProviderSetup.Models(configuration));
        OfflineProvider offline = new(options.OfflineScript, options.TimeProvider);
        LiveRoutingTable routing = new(new RoutingTable(registry, new ProviderCatalog(providers, offline, registry.ProviderNames)));

        WebApplication app = Build(options);
        ILogger logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(GatewayLog.Category);
        RequestLog log;
        try
        {
            log = RequestLog.Open(database, logger);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        AnswerCache cache = new(StateFile.Beside(database, "cache"), options.Cache, options.TimeProvider, logger);
        RateLimiter limits = new(StateFile.Beside(database, "limits"), options.TimeProvider, logger);
        Authenticator authenticator = new(key);
        ApiRequests api = new(authenticator, new RequestQueries(log), new SessionQueries(log), new UserQueries(log), new RequestChanges(log, options.TimeProvider), new ManualLog(log, routing, options.TimeProvider));
        InferencePipeline inference = new(authenticator, routing, cache, limits, log, options.TimeProvider, logger);
        GatewayRequests requests = new(inference, api, new PageRequests(authenticator, log, options.TimeProvider), routing, logger);
        app.Run(requests.HandleAsync);
        try
        {
            await ListenAsync(app, options.Port, cancellationToken);
        }
        catch
        {
            await app.DisposeAsync();
            await log.DisposeAsync();
            await cache.DisposeAsync();
            await limits.DisposeAsync();
            throw;
        }

        Uri uri = new(app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single());
        UpstreamProvider? ollama = providers.FirstOrDefault(p => p.Name == OllamaWatch.ProviderName);
        return new GatewayHost(app, log, cache, limits, uri, key, providers, ending => WatchOllamaAsync(ollama, routing, options.TimeProvider, logger, ending));
    }

    /// <summary>Ends it: what is under way gets a few seconds, what is idle is closed.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        using CancellationTokenSource patience = new(s_patienceAtTheEnd);
        await _app.StopAsync(patience.Token);
        await _watching;
        await _app.DisposeAsync();
        await _log.DisposeAsync();
        await _cache.DisposeAsync();
        await _limits.DisposeAsync();
        foreach (UpstreamProvider provider in _providers)
        {
            provider.Dispose();
        }

        _ending.Dispose();
    }

    private static async Task ListenAsync(WebApplication app, int port, CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new GatewayStartException($"Port {port} is taken on this machine. Choose another with --port, or 0 for any that is free.", e);
        }
        catch (SocketException e)
        {
            throw new GatewayStartException($"Port {port} cannot be opened: {e.Message}. Choose another with --port, or 0 for any that is free.", e);
        }
    }

    /// <summary>An empty builder: whatever ASPNETCORE_URLS or an appsettings.json in the current folder say, the gateway stays on loopback.</summary>
    private static WebApplication Build(GatewayOptions options)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "Helicone.LocalGateway" });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, options.Port, listen => listen.Protocols = HttpProtocols.Http1);
            KestrelServerLimits limits = kestrel.Limits;
            limits.MaxRequestBodySize = RequestReader.MaxBodyBytes;
            limits.MaxRequestHeadersTotalSize = 64 * 1024;
            limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
            limits.KeepAliveTimeout = TimeSpan.FromMinutes(2);
            limits.MaxConcurrentConnections = 2048;

            // A pipeline that thinks about each chunk reads slowly and is no attacker: it has the key.
            limits.MinResponseDataRate = null;
        });

        // Program listens to signals; a gateway inside another process leaves them alone.
        builder.Services.AddSingleton<IHostLifetime, HostedLifetime>();

        // What the framework has to say, the gateway says better or has handled already.
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

    private static async Task WatchOllamaAsync(UpstreamProvider? ollama, LiveRoutingTable routing, TimeProvider time, ILogger logger, CancellationToken ending)
    {
        if (ollama is null)
        {
            return;
        }

        // Off the thread that starts the gateway, too.
        await Task.Yield();
        try
        {
            await new OllamaWatch(new Uri(ollama.BaseUrl, "/"), routing, time).RunAsync(ending);
        }
        catch (Exception e) when (!ending.IsCancellationRequested)
        {
            GatewayLog.OllamaWatchStopped(logger, e);
        }
    }
}
