using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Chat;
using Helicone.Dashboard;
using Helicone.Http;
using Helicone.Logging;
using Helicone.Registry;
using Helicone.Requests;

namespace Helicone;

/// <summary>A connection to Helicone: one handler, one set of options, reused by every call. Safe for use by many calls at once.</summary>
public sealed class HeliconeClient : IDisposable
{
    private readonly HeliconeTransport _transport;

    /// <summary>Creates a client of Helicone's cloud. Nothing is sent yet.</summary>
    /// <param name="apiKey">The Helicone key.</param>
    /// <exception cref="ArgumentException">The text cannot be a key.</exception>
    public HeliconeClient(string apiKey)
        : this(new HeliconeOptions(apiKey))
    {
    }

    /// <summary>Creates a client. Nothing is sent yet.</summary>
    /// <param name="options">The addresses, the key, the limits, and the defaults of calls.</param>
    /// <exception cref="ArgumentException">An option is out of range, or an address would carry the key in the clear.</exception>
    public HeliconeClient(HeliconeOptions options)
    {
        if (options is null)
        {
            throw new ArgumentNullException(nameof(options));
        }

        options.Validate();
        Options = options;
        _transport = new HeliconeTransport(options);
        Models = new ModelRegistryClient(_transport);
        Chat = new ChatClient(_transport, Models);
        RestClient api = new(_transport, static o => o.ApiUri);
        Requests = new RequestLogClient(api);
        Sessions = new SessionLogClient(api);
        Users = new UserLogClient(api);
        Dashboard = new DashboardClient(api, options);
        Log = new LogClient(new RestClient(_transport, static o => o.LogUri));
    }

    /// <summary>The options it was made with.</summary>
    public HeliconeOptions Options { get; }

    /// <summary>Chat completions.</summary>
    public ChatClient Chat { get; }

    /// <summary>The model registry.</summary>
    public ModelRegistryClient Models { get; }

    /// <summary>The log of calls.</summary>
    public RequestLogClient Requests { get; }

    /// <summary>The sessions of the log.</summary>
    public SessionLogClient Sessions { get; }

    /// <summary>The end users of the log.</summary>
    public UserLogClient Users { get; }

    /// <summary>Addresses of the dashboard's pages.</summary>
    public DashboardClient Dashboard { get; }

    /// <summary>The manual logger.</summary>
    public LogClient Log { get; }

    /// <summary>Asks the gateway, the API and whether the key is known. It costs nothing and leaves nothing in the log: no model is called.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<ConnectionReport> CheckAsync(CancellationToken cancellationToken = default)
    {
        Uri[] gateways = [Options.GatewayUri, .. Options.FallbackGatewayUris];
        Task<ConnectionCheck>[] probes = [.. gateways.Select(uri => ConnectionProbe.GetAsync(_transport, HeliconeTransport.Combine(uri, "v1/models"), cancellationToken))];
        Task<ConnectionCheck> api = ConnectionProbe.GetAsync(_transport, HeliconeTransport.Combine(Options.ApiUri, "v1/public/model-registry/models"), cancellationToken);
        ConnectionCheck[] checks = await Task.WhenAll(probes).ConfigureAwait(false);

        // Chats go to the first that answers; the key is asked about there.
        int answering = Math.Max(0, Array.FindIndex(checks, static check => check.Ok));
        Task<ConnectionCheck> key = ConnectionProbe.KeyAsync(_transport, HeliconeTransport.Combine(gateways[answering], "v1/chat/completions"), cancellationToken);
        return new ConnectionReport(checks[answering], await api.ConfigureAwait(false), await key.ConfigureAwait(false)) { PassedOver = [.. checks.Take(answering)] };
    }

    /// <summary>Closes every connection.</summary>
    public void Dispose() => _transport.Dispose();
}
