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
    public Uri ChatCompletionsUrl { get; } = new(BaseUrl.AbsoluteUri.TrimEnd('/') + "/chat/completions");
}
