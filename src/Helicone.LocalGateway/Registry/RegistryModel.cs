using System.Collections.Generic;

namespace Helicone.LocalGateway.Registry;

/// <summary>A model that a route can name without a provider.</summary>
internal sealed record RegistryModel
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string Author { get; init; }

    public string? Description { get; init; }

    public int? ContextLength { get; init; }

    public int? MaxOutput { get; init; }

    /// <summary>The day it was published, <c>yyyy-MM-dd</c>.</summary>
    public string? Created { get; init; }

    public IReadOnlyList<string> InputModalities { get; init => field = value ?? ["text"]; } = ["text"];

    public IReadOnlyList<string> OutputModalities { get; init => field = value ?? ["text"]; } = ["text"];

    public IReadOnlyList<string> SupportedParameters { get; init => field = value ?? []; } = [];

    public string? PinnedVersionOfModel { get; init; }

    public IReadOnlyList<RegistryEndpoint> Endpoints { get; init => field = value ?? []; } = [];
}
