using System;
using Helicone.LocalGateway.Caching;
using Helicone.LocalGateway.Log;
using Helicone.Offline;

namespace Helicone.LocalGateway.Hosting;

/// <summary>How a gateway runs.</summary>
internal sealed record GatewayOptions
{
    public const int DefaultPort = 8787;

    /// <summary>The port on 127.0.0.1; 0 for any free one. <see langword="null"/> is <see cref="DefaultPort"/>, or whichever a gateway that already runs has.</summary>
    public int? Port { get; init; }

    /// <summary>The database file. Its folder holds the gateway's key too.</summary>
    public string? DatabasePath { get; init; }

    /// <summary>The gateway.json to read.</summary>
    public string? ConfigurationPath { get; init; }

    /// <summary>Indicates whether the log on standard error contains every failed attempt, not only the errors of the gateway itself.</summary>
    public bool Verbose { get; init; }

    /// <summary>The process that starts the gateway; the gateway ends when it, and every process that joined, is gone.</summary>
    public int? ParentProcessId { get; init; }

    /// <summary>Where provider keys are read from, once, at the start.</summary>
    public Func<string, string?> Environment { get; init; } = System.Environment.GetEnvironmentVariable;

    /// <summary>Where Ollama would answer; <see langword="null"/> to not look for it.</summary>
    public Uri? OllamaUri { get; init; } = new("http://127.0.0.1:11434");

    /// <summary>Asked for each offline answer first; see <see cref="OfflineReply"/>.</summary>
    public Func<OfflineRequest, OfflineReply?>? OfflineScript { get; init; }

    /// <summary>How much the cache may hold.</summary>
    public CacheLimits Cache { get; init; } = new();

    /// <summary>How long calls are kept; <see langword="null"/> for the value of gateway.json, or the default.</summary>
    public LogOptions? Retention { get; init; }

    /// <summary>The bytes that are free on the disk of a file; <see langword="null"/> to ask the system.</summary>
    public Func<string, long?>? FreeSpace { get; init; }

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
