using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Security;
using Helicone.Attribution;
using Helicone.Offline;
using Helicone.Spending;

namespace Helicone.Connections;

/// <summary>What a connection is made of. What is <see langword="null"/> comes from the environment, else it is Helicone's cloud.</summary>
internal sealed record ConnectionSettings
{
    public SecureString? ApiKey { get; init; }

    /// <summary>Where the key came from, in words.</summary>
    public string KeySource { get; init; } = "none";

    public string? Region { get; init; }

    /// <summary>The gateway's addresses, in the order of preference.</summary>
    public IReadOnlyList<Uri> GatewayUris { get; init; } = [];

    public Uri? ApiUri { get; init; }

    public Uri? LogUri { get; init; }

    public bool IsLocal { get; init; }

    /// <summary>Answers in this process; <see langword="null"/> for a gateway.</summary>
    public OfflineOptions? Offline { get; init; }

    /// <summary>The recording that answers; <see langword="null"/> for a gateway.</summary>
    public string? ReplayPath { get; init; }

    /// <summary>The recording that calls and their answers are added to.</summary>
    public string? RecordPath { get; init; }

    /// <summary>Indicates whether nothing is sent.</summary>
    public bool IsOffline => Offline is not null || ReplayPath is not null;

    public Uri? Proxy { get; init; }

    public ICredentials? ProxyCredential { get; init; }

    public bool NoProxy { get; init; }

    public string? Model { get; init; }

    public string? UserId { get; init; }

    public HeliconeSession? Session { get; init; }

    public IReadOnlyDictionary<string, string>? Property { get; init; }

    public IReadOnlyDictionary<string, RateLimitPolicy>? RateLimitPolicy { get; init; }

    public double? TimeoutSec { get; init; }

    public int? MaxRetry { get; init; }

    public SpendingCeiling? Ceiling { get; init; }

    /// <summary>The client's options. Those of this runspace's own making are checked by the client.</summary>
    /// <exception cref="FormatException">An address of the environment cannot be one.</exception>
    public HeliconeOptions ToOptions()
    {
        bool european = Region is null
            ? ApiKey is not null && Connections.ApiKey.IsEuropean(ApiKey)
            : string.Equals(Region, "EU", StringComparison.OrdinalIgnoreCase);

        // -Region on the command line takes precedence over an address in the environment.
        bool mayInherit = Region is null && !IsLocal;
        Uri gateway = GatewayUris.Count > 0 ? GatewayUris[0] : (mayInherit ? FromEnvironment(EnvironmentVariables.GatewayUri) : null) ?? HeliconeOptions.CloudGatewayUri;

        // A gateway outside the cloud has the registry and the log at the same address. Neither its key nor its prompts go to the cloud.
        Uri? api = ApiUri ?? (mayInherit ? FromEnvironment(EnvironmentVariables.ApiUri) ?? (IsCloud(gateway) ? null : gateway) : null);
        HeliconeOptions options = new()
        {
            ApiKey = ApiKey,
            GatewayUri = Base(gateway),
            FallbackGatewayUris = [.. GatewayUris.Skip(1).Select(Base)],
            ApiUri = Base(api ?? (european ? HeliconeOptions.CloudEuApiUri : HeliconeOptions.CloudApiUri)),

            LogUri = Base(LogUri ?? api ?? (european ? HeliconeOptions.CloudEuLogUri : HeliconeOptions.CloudLogUri)),
            Proxy = Proxy,
            ProxyCredential = ProxyCredential,
            NoProxy = NoProxy,
            UserAgentComment = "PowerShell",
            Offline = Offline,
            ReplayPath = ReplayPath,
            RecordPath = RecordPath,
            // The models of an offline connection are those that ship with the module.
            CacheDirectory = IsOffline ? null : UserFolders.Cache,
            Ceiling = Ceiling,
        };
        if (TimeoutSec is { } seconds)
        {
            options = options with { TotalTimeout = TimeSpan.FromSeconds(seconds) };
        }

        return MaxRetry is { } retries ? options with { MaxRetries = retries } : options;
    }

    /// <summary>Indicates whether the environment sends chats to this machine, as Start-HeliconeGateway -SetEnvironment makes it do.</summary>
    public static bool EnvironmentIsLocal => Uri.TryCreate(EnvironmentVariables.Get(EnvironmentVariables.GatewayUri), UriKind.Absolute, out Uri? gateway) && gateway.IsLoopback;

    private static bool IsCloud(Uri uri) =>
        !uri.IsAbsoluteUri || uri.Host.Equals("helicone.ai", StringComparison.OrdinalIgnoreCase) || uri.Host.EndsWith(".helicone.ai", StringComparison.OrdinalIgnoreCase);

    private static Uri? FromEnvironment(string name)
    {
        string? text = EnvironmentVariables.Get(name);
        return text is null ? null
            : Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) ? uri
            : throw new FormatException($"The value '{text}' of the environment variable {name} isn't a valid address.");
    }

    /// <summary>A base address as the client wants it. People paste the one that OpenAI's clients want, which ends with <c>/v1</c>.</summary>
    private static Uri Base(Uri uri)
    {
        if (!uri.IsAbsoluteUri)
        {
            return uri;
        }

        string text = uri.GetLeftPart(UriPartial.Path).TrimEnd('/');
        if (text.EndsWith("/v1", StringComparison.OrdinalIgnoreCase))
        {
            text = text.Substring(0, text.Length - "/v1".Length);
        }

        return new Uri(text + "/");
    }
}
