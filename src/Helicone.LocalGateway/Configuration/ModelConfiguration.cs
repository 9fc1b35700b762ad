using System.Collections.Generic;

namespace Helicone.LocalGateway.Configuration;

/// <summary>A model that the registry does not have, or more about one that it has.</summary>
internal sealed record ModelConfiguration
{
    public required string Id { get; init; }

    public string? Name { get; init; }

    public string? Author { get; init; }

    public string? Description { get; init; }

    public int? ContextLength { get; init; }

    public int? MaxOutput { get; init; }

    public IReadOnlyList<EndpointConfiguration> Endpoints { get; init; } = [];
}
