using System;
using System.Collections.Generic;

namespace Helicone.LocalGateway.Configuration;

/// <summary>An OpenAI-compatible endpoint, or a change to a built-in provider.</summary>
internal sealed record ProviderConfiguration
{
    /// <summary>The name in a route.</summary>
    public required string Name { get; init; }

    /// <summary>The address that <c>/chat/completions</c> is appended to. Optional for a built-in provider.</summary>
    public string? BaseUrl { get; init; }

    /// <summary>The environment variable that holds the key. The key itself has no place in a file.</summary>
    public string? ApiKeyVariable { get; init; }

    /// <summary>Which of several endpoints under one name: the third part of a route.</summary>
    public string? Deployment { get; init; }

    /// <summary>Providers with a lower number are tried first. The default is 4.</summary>
    public int? Priority { get; init; }

    /// <summary>How long an attempt waits for the headers of the answer.</summary>
    public TimeSpan? HeaderTimeout { get; init; }

    /// <summary>How long an attempt waits for the next piece of the answer.</summary>
    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>Indicates whether it accepts <c>stream_options</c>.</summary>
    public bool? StreamOptions { get; init; }

    /// <summary>Models that it serves in addition to those that the registry lists for it.</summary>
    public IReadOnlyList<ServedModelConfiguration> Models { get; init; } = [];
}
