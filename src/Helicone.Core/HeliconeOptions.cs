using System;
using System.Collections.Generic;
using System.Net;
using System.Net.Http;
using System.Security;
using Helicone.Chat;
using Helicone.Http;
using Helicone.Offline;
using Helicone.Resilience;
using Helicone.Spending;

namespace Helicone;

/// <summary>The options of a client. They are validated once, when the client is created.</summary>
public sealed record HeliconeOptions
{
    /// <summary>Creates options without a key. Set <see cref="ApiKey"/> for everything except the public endpoints.</summary>
    public HeliconeOptions()
    {
    }

    /// <summary>Creates options with a key.</summary>
    /// <param name="apiKey">The Helicone key. The text itself isn't kept.</param>
    /// <exception cref="ArgumentNullException">The key is <see langword="null"/>.</exception>
    public HeliconeOptions(string apiKey) => ApiKey = Redaction.Protect(apiKey ?? throw new ArgumentNullException(nameof(apiKey)));

    /// <summary>The AI Gateway of Helicone's cloud. It serves both regions; the key decides.</summary>
    public static readonly Uri CloudGatewayUri = new("https://ai-gateway.helicone.ai/");

    /// <summary>The REST API of Helicone's cloud, US region.</summary>
    public static readonly Uri CloudApiUri = new("https://api.helicone.ai/");

    /// <summary>The REST API of Helicone's cloud, EU region.</summary>
    public static readonly Uri CloudEuApiUri = new("https://eu.api.helicone.ai/");

    /// <summary>The logger of Helicone's cloud.</summary>
    public static readonly Uri CloudLogUri = new("https://api.worker.helicone.ai/");

    /// <summary>The logger of Helicone's cloud, EU region.</summary>
    public static readonly Uri CloudEuLogUri = new("https://eu.api.helicone.ai/");

    /// <summary>The address of the gateway.</summary>
    public Uri GatewayUri { get; init; } = CloudGatewayUri;

    /// <summary>The addresses to use while <see cref="GatewayUri"/> can't be reached, in this order. They receive the same key and the same prompts.</summary>
    public IReadOnlyList<Uri> FallbackGatewayUris { get; init => field = TextList<Uri>.Of(value); } = TextList<Uri>.None;

    /// <summary>The address of the registry and the log.</summary>
    public Uri ApiUri { get; init; } = CloudApiUri;

    /// <summary>The address for manual log entries.</summary>
    public Uri LogUri { get; init; } = CloudLogUri;

    /// <summary>The Helicone key; decrypted only while a header is written. <see langword="null"/> for the public endpoints alone.</summary>
    public SecureString? ApiKey { get; init; }

    /// <summary>The route of requests that don't specify one.</summary>
    public ModelRoute DefaultModel { get; init; } = ModelRoute.Parse("gpt-4o-mini");

    /// <summary>
    /// The proxy, an absolute address without user name and password. <see langword="null"/> uses the proxy of the environment (<c>HTTPS_PROXY</c>,
    /// <c>ALL_PROXY</c>, <c>NO_PROXY</c>) or of the system. Loopback addresses never go through a proxy.
    /// </summary>
    public Uri? Proxy { get; init; }

    /// <summary>The user name and password for the proxy, for <see cref="Proxy"/> as for one of the environment.</summary>
    public ICredentials? ProxyCredential { get; init; }

    /// <summary>Ignores the proxy of the environment and of the system.</summary>
    public bool NoProxy { get; init; }

    /// <summary>The time limit for connecting, TCP and TLS. On .NET Framework it applies to requests that have a body, such as chats.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>For a call as a whole, its retries included.</summary>
    public TimeSpan TotalTimeout { get; init; } = TimeSpan.FromSeconds(600);

    /// <summary>For the first token of a stream.</summary>
    public TimeSpan FirstTokenTimeout { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>For silence within a body.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The number of retries after the first attempt, 0 to 20.</summary>
    public int MaxRetries { get; init; } = 2;

    /// <summary>The first wait between attempts. It doubles with each retry, and jitter takes off up to half.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>The longest wait of the client's own choosing.</summary>
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>The longest wait that a server may ask for. Up to a quarter more is added as jitter. A call that is asked to wait longer fails at once.</summary>
    public TimeSpan MaxRetryAfter { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The spending ceiling for everything that clients with these options send; none when <see langword="null"/>.</summary>
    public SpendingCeiling? Ceiling { get; init; }

    /// <summary>The text in parentheses in the <c>User-Agent</c>, such as the host and its version.</summary>
    public string? UserAgentComment { get; init; }

    /// <summary>The folder of the registry's cache; <see langword="null"/> keeps it in memory only.</summary>
    public string? CacheDirectory { get; init; }

    /// <summary>Answers in this process instead of sending anything; <see langword="null"/> uses the network.</summary>
    public OfflineOptions? Offline { get; init; }

    /// <summary>The recording that answers instead of the network; <see langword="null"/> for none.</summary>
    public string? ReplayPath { get; init; }

    /// <summary>The file that each call and its answer are added to; <see langword="null"/> records nothing.</summary>
    public string? RecordPath { get; init; }

    /// <summary>Indicates whether nothing is sent: answers come from the offline model or from a recording.</summary>
    internal bool IsInProcess => Offline is not null || ReplayPath is not null;

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>The seam where HTTP leaves the client; the platform's handler when <see langword="null"/>. The client does not dispose it.</summary>
    public HttpMessageHandler? Handler { get; init; }

    /// <summary>The source of the jitter of waits: numbers from 0 to 1.</summary>
    internal Func<double> Random { get; init; } = Jitter.Next;

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentException">One is out of range, or an address would carry the key in the clear.</exception>
    internal void Validate()
    {
        CheckUri(GatewayUri, nameof(GatewayUri));
        foreach (Uri fallback in FallbackGatewayUris)
        {
            CheckUri(fallback, nameof(FallbackGatewayUris));
        }

        if (ReplayPath is not null && (Offline is not null || RecordPath is not null))
        {
            throw new ArgumentException("ReplayPath can't be combined with Offline or RecordPath: a replay answers with the recording and nothing else.", nameof(ReplayPath));
        }

        CheckUri(ApiUri, nameof(ApiUri));
        CheckUri(LogUri, nameof(LogUri));
        CheckProxy();
        CheckTime(ConnectTimeout, nameof(ConnectTimeout));
        CheckTime(TotalTimeout, nameof(TotalTimeout));
        CheckTime(FirstTokenTimeout, nameof(FirstTokenTimeout));
        CheckTime(IdleTimeout, nameof(IdleTimeout));
        CheckRetries(MaxRetries, nameof(MaxRetries));
        CheckWait(RetryDelay, nameof(RetryDelay));
        CheckWait(MaxRetryDelay, nameof(MaxRetryDelay));
        CheckWait(MaxRetryAfter, nameof(MaxRetryAfter));
        CheckComment(UserAgentComment);
        if (ApiKey is not null)
        {
            CheckKey(ApiKey);
        }
    }

    private void CheckProxy()
    {
        if (Proxy is null)
        {
            return;
        }

        if (NoProxy)
        {
            throw new ArgumentException("Proxy and NoProxy exclude each other.", nameof(NoProxy));
        }

        if (!Proxy.IsAbsoluteUri || Proxy.Scheme is not ("http" or "https" or "socks4" or "socks4a" or "socks5") || Proxy.Host.Length == 0 || Proxy.UserInfo.Length > 0)
        {
            // Without a scheme, 'user:password@host' is an address too, whose scheme is the user: show what follows the @ alone.
            string shown = Proxy.OriginalString.Substring(Proxy.OriginalString.LastIndexOf('@') + 1);
            throw new ArgumentException($"Proxy '{shown}' is not the address of a proxy. An example is http://proxy.example:8080, with the user name and password given separately.", nameof(Proxy));
        }
    }

    // The message contains the problem of the key and never the key.
    private static void CheckKey(SecureString apiKey)
    {
        string plain = Redaction.Reveal(apiKey);
        if (plain.Length == 0)
        {
            throw new ArgumentException("The key is empty.", nameof(apiKey));
        }

        foreach (char c in plain)
        {
            if (c is <= ' ' or > '~')
            {
                throw new ArgumentException("The key holds white space, a control character or a character that is not ASCII: it cannot go into a header.", nameof(apiKey));
            }
        }
    }

    internal static void CheckTime(TimeSpan value, string name)
    {
        if (value <= TimeSpan.Zero || value > TimeSpan.FromDays(1))
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be more than zero and at most a day.");
        }
    }

    internal static void CheckRetries(int value, string name)
    {
        if (value is < 0 or > 20)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be 0 to 20.");
        }
    }

    private static void CheckWait(TimeSpan value, string name)
    {
        if (value < TimeSpan.Zero || value > TimeSpan.FromDays(1))
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be zero to a day.");
        }
    }

    private static void CheckComment(string? comment)
    {
        foreach (char c in comment ?? string.Empty)
        {
            if (c is < ' ' or > '~' or '(' or ')')
            {
                throw new ArgumentException("UserAgentComment goes into a header, in parentheses: only printable ASCII without parentheses.", nameof(comment));
            }
        }
    }

    private static void CheckUri(Uri uri, string name)
    {
        if (uri is null)
        {
            throw new ArgumentNullException(name);
        }

        if (!uri.IsAbsoluteUri || (uri.Scheme != Uri.UriSchemeHttps && uri.Scheme != Uri.UriSchemeHttp))
        {
            throw new ArgumentException($"{name} '{uri}' is not an http or https address.", name);
        }

        if (uri.Scheme == Uri.UriSchemeHttp && !uri.IsLoopback)
        {
            throw new ArgumentException($"{name} '{uri}' isn't encrypted, so the key and the prompts could be read on the way. Use https. An http address must be on this computer.", name);
        }

        if (!string.IsNullOrEmpty(uri.UserInfo))
        {
            throw new ArgumentException($"{name} holds a user name or password; the key goes in its own parameter.", name);
        }
    }
}
