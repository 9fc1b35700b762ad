using System;

namespace Helicone.Bulk;

/// <summary>How a bulk run goes.</summary>
public sealed record BulkOptions
{
    /// <summary>How many calls may be in flight at once, at least 1.</summary>
    public int ThrottleLimit { get; init; } = 8;

    /// <summary>Give results out as they finish instead of in the order of the input.</summary>
    public bool AsCompleted { get; init; }

    /// <summary>Where finished items are noted, and looked up first. The run does not close it.</summary>
    public BulkJournal? Journal { get; init; }

    /// <summary>What to do with items whose answer an earlier run never wrote.</summary>
    public ResumeMode Resume { get; init; }

    /// <summary>The maximum number of requests per minute, retries and hedges included; no limit when <see langword="null"/>.</summary>
    public int? RequestsPerMinute { get; init; }

    /// <summary>The most tokens to use in a minute; no limit when <see langword="null"/>.</summary>
    public int? TokensPerMinute { get; init; }

    /// <summary>How many items may fail before nothing more is sent; any number when <see langword="null"/>.</summary>
    public ErrorThreshold? ErrorThreshold { get; init; }

    /// <summary>How long to wait for a gateway that is gone before the run stops; it stops at once when <see langword="null"/>.</summary>
    public TimeSpan? WaitForGateway { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
