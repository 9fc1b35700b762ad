using System;

namespace Helicone.LocalGateway.Providers;

/// <summary>Where an OpenAI-compatible provider is and how it lets us in.</summary>
/// <param name="Name">Its name in a route.</param>
/// <param name="BaseUrl">What <c>/chat/completions</c> is appended to.</param>
/// <param name="Key">Its key; <see langword="null"/> for one that needs none.</param>
/// <param name="Priority">Lower is asked first.</param>
/// <param name="Deployment">Which of several under one name.</param>
internal sealed record UpstreamSettings(string Name, Uri BaseUrl, ProviderKey? Key, int Priority = WellKnownProvider.DefaultPriority, string? Deployment = null)
{
    /// <summary>The default of both timeouts: a model may think for minutes before its first word, and a client waits for ten.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(5);

    /// <summary>Indicates whether somebody gave the gateway this provider; an Ollama may be found running without.</summary>
    public bool IsChosen { get; init; } = true;

    /// <summary>How long an attempt waits for the headers of the answer.</summary>
    public TimeSpan HeaderTimeout { get; init; } = DefaultTimeout;

    /// <summary>How long an attempt waits for the next piece of the answer.</summary>
    public TimeSpan IdleTimeout { get; init; } = DefaultTimeout;

    /// <summary>How the provider differs from OpenAI.</summary>
    public ProviderDialect Dialect { get; init; } = ProviderDialects.Of(Name);

    public Uri ChatCompletionsUrl { get; } = At(BaseUrl, "/chat/completions");

    /// <summary>Where bodies of the provider's own form go.</summary>
    public Uri NativeUrl => Dialect.Native is { } native ? At(BaseUrl, native.Path) : ChatCompletionsUrl;

    private static Uri At(Uri baseUrl, string path) => new(baseUrl.AbsoluteUri.TrimEnd('/') + path);
}
