using System.Collections.Generic;

namespace Helicone.Offline;

/// <summary>How a client answers in its own process, without a gateway, a key, or a network.</summary>
public sealed record OfflineOptions
{
    /// <summary>Where answers come from that a script has prepared. The first scenario that fits a call answers it; the others get a made-up answer.</summary>
    public IReadOnlyList<ScenarioSource> Scenarios { get; init; } = [];
}
