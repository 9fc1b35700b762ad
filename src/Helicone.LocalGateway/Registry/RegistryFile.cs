using System.Collections.Generic;

namespace Helicone.LocalGateway.Registry;

/// <summary>The shape of <c>models.json</c>.</summary>
internal sealed record RegistryFile
{
    public required IReadOnlyList<RegistryModel> Models { get; init; }
}
