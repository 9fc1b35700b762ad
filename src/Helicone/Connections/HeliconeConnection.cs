using System;
using System.Collections.Generic;
using System.Threading;
using Helicone.Attribution;
using Helicone.Chat;
using Helicone.Http;

namespace Helicone.Connections;

/// <summary>A connection of this runspace to Helicone, as Get-HeliconeConnection shows it.</summary>
public sealed class HeliconeConnection : IDisposable
{
    // The runspace that it was made for.
    private int _holders = 1;

    /// <summary>Checks the settings and makes the client. Nothing is sent.</summary>
    internal HeliconeConnection(ConnectionSettings settings)
    {
        Route = settings.Model is null ? null : ModelRoute.Parse(settings.Model);
        Client = new HeliconeClient(settings.ToOptions());
        ApiKey = settings.ApiKey is null ? string.Empty : Redaction.Mask(settings.ApiKey);
        KeySource = settings.KeySource;
        IsLocal = settings.IsLocal;
        IsOffline = settings.IsOffline;
        UserId = settings.UserId;
        Session = settings.Session;
        Property = new NamedText<string>(settings.Property);
        RateLimitPolicy = new NamedText<RateLimitPolicy>(settings.RateLimitPolicy);
    }

    /// <summary>The address of the gateway.</summary>
    public Uri GatewayUri => Client.Options.GatewayUri;

    /// <summary>Where chats go while <see cref="GatewayUri"/> cannot be reached, in this order.</summary>
    public IReadOnlyList<Uri> FallbackGatewayUri => Client.Options.FallbackGatewayUris;

    /// <summary>The address of the registry and the log.</summary>
    public Uri ApiUri => Client.Options.ApiUri;

    /// <summary>The address for manual log entries.</summary>
    public Uri LogUri => Client.Options.LogUri;

    /// <summary>The proxy that -Proxy set. Without one, the environment or the system decides.</summary>
    public Uri? Proxy => Client.Options.Proxy;

    /// <summary>What may be shown of the key.</summary>
    public string ApiKey { get; }

    /// <summary>Where the key came from.</summary>
    public string KeySource { get; }

    /// <summary>Indicates whether it is the local gateway that this module started.</summary>
    public bool IsLocal { get; }

    /// <summary>Whether answers come from this process, made up or recorded, and nothing is sent.</summary>
    public bool IsOffline { get; }

    /// <summary>The recording that answers; <see langword="null"/> for none.</summary>
    public string? ReplayPath => Client.Options.ReplayPath;

    /// <summary>The recording that calls and their answers are added to; <see langword="null"/> for none.</summary>
    public string? RecordPath => Client.Options.RecordPath;

    /// <summary>What is done with a recording, for the view; <see langword="null"/> without one.</summary>
    public string? Recording => ReplayPath is { } replayed ? TerminalText.ShowLine($"replays {replayed}") : RecordPath is { } recorded ? TerminalText.ShowLine($"records to {recorded}") : null;

    /// <summary>The model of calls that name none.</summary>
    public string? Model => Route?.ToString();

    /// <summary>The user of calls that name none.</summary>
    public string? UserId { get; }

    /// <summary>The session of calls that name none.</summary>
    public HeliconeSession? Session { get; }

    /// <summary>Properties of every call.</summary>
    public IReadOnlyDictionary<string, string> Property { get; }

    /// <summary>Rate limits by name, for <c>-RateLimitPolicy</c>.</summary>
    public IReadOnlyDictionary<string, RateLimitPolicy> RateLimitPolicy { get; }

    /// <summary>How long a call may take, in seconds, its retries included.</summary>
    public double TimeoutSec => Client.Options.TotalTimeout.TotalSeconds;

    /// <summary>How often a call is tried again.</summary>
    public int MaxRetry => Client.Options.MaxRetries;

    /// <summary>The spending ceiling in US dollars for everything that is sent through the connection; <see langword="null"/> for none.</summary>
    public decimal? MaxCost => Client.Options.Ceiling?.Limit;

    /// <summary>The cost in US dollars of what was sent under the ceiling so far; <see langword="null"/> without a ceiling.</summary>
    public decimal? Spent => Client.Options.Ceiling?.Spent;

    internal ModelRoute? Route { get; }

    internal HeliconeClient Client { get; }

    /// <summary>Keeps the sockets open, even when the runspace connects elsewhere or disconnects.</summary>
    /// <remarks>
    /// A command holds its connection until its calls have ended. A connection that a user gets is held forever: a variable, a job, or a parallel
    /// block may use it at any time, and idle sockets close by themselves.
    /// </remarks>
    internal HeliconeConnection Hold()
    {
        _ = Interlocked.Increment(ref _holders);
        return this;
    }

    /// <summary>Closes the sockets when nobody else holds the connection.</summary>
    internal void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            Dispose();
        }
    }

    /// <summary>Closes its sockets.</summary>
    public void Dispose() => Client.Dispose();

    /// <summary>The gateway and what may be shown of the key.</summary>
    public override string ToString() => ReplayPath is { } recording ? TerminalText.ShowLine($"offline (replays {recording})") : IsOffline ? "offline" : ApiKey.Length == 0 ? GatewayUri.ToString() : $"{GatewayUri} ({ApiKey})";
}
