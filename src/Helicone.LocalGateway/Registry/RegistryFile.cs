using System.Collections.Generic;

namespace Helicone.LocalGateway.Registry;

/// <summary>The shape of <c>models.json</c>.</summary>
internal sealed record RegistryFile
{
    /// <summary>Where the models come from.</summary>
    public required string Source { get; init; }

    /// <summary>The day they were taken from there, <c>yyyy-MM-dd</c>.</summary>
    public required string Date { get; init; }

    public required IReadOnlyList<RegistryModel> Models { get; init; }
}
