using System;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Errors;
using Helicone.Http;
using Helicone.Resilience;

namespace Helicone.Registry;

/// <summary>The models of the gateway, cached on disk for a day.</summary>
/// <remarks>From <c>GET /v1/public/model-registry/models</c> of the API; where that does not answer, the bare ids of the gateway's <c>GET /v1/models</c>.</remarks>
public sealed class ModelRegistryClient
{
    /// <summary>The maximum age of the cache before the network is used again.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromDays(1);

    // The cost is a courtesy: an answer waits for prices that are on their way, but not for long, and only the first answers do.
    private static readonly TimeSpan s_pricingPatience = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_retryAfterFailure = TimeSpan.FromMinutes(5);
    private static readonly RequestOptions s_requestOptions = new() { TotalTimeout = TimeSpan.FromSeconds(30), MaxRetries = 1 };

    private readonly HeliconeTransport _transport;
    private readonly RegistryFile? _file;
    private readonly object _gate = new();
    private ModelRegistry? _current;
    private Task? _loading;
    private Task? _patience;
    private Task<ModelRegistry>? _fetching;
    private long _failedAtTicks;

    internal ModelRegistryClient(HeliconeTransport transport)
    {
        _transport = transport;
        HeliconeOptions options = transport.Options;

        // A gateway on loopback answers faster than a disk, and its port is another one tomorrow.
        _file = options.CacheDirectory is { } directory && !options.ApiUri.IsLoopback ? new RegistryFile(directory, options.ApiUri) : null;
    }

    /// <summary>The registry: from memory or disk when younger than a day, else from the network.</summary>
    /// <param name="refresh">Asks the network whatever the age.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="HeliconeException">The registry can't be read.</exception>
    public async Task<ModelRegistry> GetAsync(bool refresh = false, CancellationToken cancellationToken = default)
    {
        if (!refresh && (Volatile.Read(ref _current) ?? _file?.TryRead()) is { } known && IsFresh(known))
        {
            Keep(known);
            return known;
        }

        ModelRegistry fetched = await FetchAsync(cancellationToken).ConfigureAwait(false);
        Keep(fetched);
        return fetched;
    }

    /// <summary>The registry for prices, fetched once however many calls ask for it at the same time.</summary>
    /// <exception cref="HeliconeException">The registry can't be read.</exception>
    internal async Task<ModelRegistry> GetPricesAsync(CancellationToken cancellationToken)
    {
        if (Loaded is { } known && IsFresh(known))
        {
            return known;
        }

        Task<ModelRegistry> fetching;
        lock (_gate)
        {
            if (_fetching is null or { IsCompleted: true })
            {
                _fetching = GetAsync(refresh: false, CancellationToken.None);
            }

            fetching = _fetching;
        }

        TaskCompletionSource<bool> stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using (cancellationToken.Register(static state => ((TaskCompletionSource<bool>)state!).TrySetResult(true), stopped))
        {
            await Task.WhenAny(fetching, stopped.Task).ConfigureAwait(false);
        }

        cancellationToken.ThrowIfCancellationRequested();
        return await fetching.ConfigureAwait(false);
    }

    /// <summary>Returns the registry from memory or disk, regardless of its age; never from the network.</summary>
    public ModelRegistry? TryGetCached()
    {
        if (Volatile.Read(ref _current) is { } known)
        {
            return known;
        }

        ModelRegistry? stored = _file?.TryRead();
        return stored is null ? null : Interlocked.CompareExchange(ref _current, stored, null) ?? stored;
    }

    /// <summary>
    /// The models for Tab completion: what memory or disk has, of whatever age, else the copy that ships with the client. It never waits. What is
    /// missing or old is fetched in the background, for the next time.
    /// </summary>
    public ModelRegistry GetForCompletion()
    {
        BeginLoading();
        return TryGetCached() ?? BundledRegistry.Value;
    }

    /// <summary>Starts to load in the background, unless it is loaded, loading, or has just failed.</summary>
    internal void BeginLoading()
    {
        if (Volatile.Read(ref _loading) is not null || (Volatile.Read(ref _current) is { } known && IsFresh(known)))
        {
            return;
        }

        lock (_gate)
        {
            if (_loading is null && _transport.Options.TimeProvider.GetUtcNow().Ticks - Volatile.Read(ref _failedAtTicks) > s_retryAfterFailure.Ticks)
            {
                _loading = Task.Run(LoadAsync);
            }
        }
    }

    /// <summary>Waits, up to 500 ms, until prices that a call has begun to load are there, so that <see cref="Chat.ChatCompletion.Cost"/> is known.</summary>
    /// <remarks>Completes at once when they have loaded, when nothing is loading, and when the 500 ms have passed once.</remarks>
    public Task WaitForPricesAsync()
    {
        if (Loaded is not null)
        {
            return Task.CompletedTask;
        }

        lock (_gate)
        {
            if (_patience is null && _loading is { } loading)
            {
                _patience = Task.WhenAny(loading, _transport.Options.TimeProvider.Delay(s_pricingPatience, CancellationToken.None));
            }

            return _patience ?? Task.CompletedTask;
        }
    }

    /// <summary>The registry in memory, for the price of an answer.</summary>
    internal ModelRegistry? Loaded => Volatile.Read(ref _current);

    // The gateway's plain list is used only while the API is unavailable, because it has no prices. A file from the future has no age.
    private bool IsFresh(ModelRegistry registry)
    {
        TimeSpan age = _transport.Options.TimeProvider.GetUtcNow() - registry.FetchedAt;
        return age < (IsStandIn(registry) ? s_retryAfterFailure : MaxAge) && age > -s_retryAfterFailure;
    }

    private bool IsStandIn(ModelRegistry registry) => registry.Source == GatewayList;

    private Uri GatewayList => HeliconeTransport.Combine(_transport.Options.GatewayUri, "v1/models");

    // Yesterday's prices are better than none.
    private void Keep(ModelRegistry registry)
    {
        if (!IsStandIn(registry) || Volatile.Read(ref _current) is not { } known || IsStandIn(known))
        {
            Volatile.Write(ref _current, registry);
        }
    }

    private async Task LoadAsync()
    {
        // In the background: the command that started it doesn't wait for it.
        CallWaits.Current = null;
        try
        {
            ModelRegistry? stored = _file?.TryRead();
            if (stored is not null)
            {
                // Yesterday's prices now are better than today's later.
                Volatile.Write(ref _current, stored);
            }

            if (stored is null || !IsFresh(stored))
            {
                ModelRegistry fetched = await FetchAsync(CancellationToken.None).ConfigureAwait(false);
                Keep(fetched);
                if (IsStandIn(fetched))
                {
                    Failed();
                }
            }
        }
        catch (Exception e) when (e is HeliconeException or ObjectDisposedException or OperationCanceledException)
        {
            // Without prices, Cost is null: that is what it means. GetAsync reports the error itself.
            Failed();
        }
        finally
        {
            // Under the lock: this may end before the one who began it has written down that it runs.
            lock (_gate)
            {
                _loading = null;
            }
        }
    }

    private void Failed() => Volatile.Write(ref _failedAtTicks, _transport.Options.TimeProvider.GetUtcNow().Ticks);

    private async Task<ModelRegistry> FetchAsync(CancellationToken cancellationToken)
    {
        HeliconeOptions options = _transport.Options;
        try
        {
            return await FetchAsync(HeliconeTransport.Combine(options.ApiUri, "v1/public/model-registry/models"), store: true, cancellationToken).ConfigureAwait(false);
        }
        catch (HeliconeException registryFailed)
        {
            try
            {
                return await FetchAsync(GatewayList, store: false, cancellationToken).ConfigureAwait(false);
            }
            catch (HeliconeException)
            {
                throw registryFailed;
            }
        }
    }

    private async Task<ModelRegistry> FetchAsync(Uri uri, bool store, CancellationToken cancellationToken)
    {
        using CallRun run = new(_transport, s_requestOptions, serverRetries: false, cancellationToken);
        return await run.ExecuteAsync(async () =>
        {
            ArraySegment<byte> body = await RestCall.GetAsync(_transport, run, uri, authorize: false).ConfigureAwait(false);
            ModelRegistry registry = ModelRegistryJson.Read(body.AsMemory(), _transport.Options.TimeProvider.GetUtcNow(), uri);
            if (store && registry.Models.Count > 0)
            {
                _file?.Write(body);
            }

            return registry;
        }).ConfigureAwait(false);
    }
}
