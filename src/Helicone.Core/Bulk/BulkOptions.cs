using System;

namespace Helicone.Bulk;

/// <summary>The options of a bulk run.</summary>
public sealed record BulkOptions
{
    /// <summary>The maximum number of calls in flight, at least 1.</summary>
    public int ThrottleLimit { get; init; } = 8;

    /// <summary>Give results out as they finish instead of in the order of the input.</summary>
    public bool AsCompleted { get; init; }

    /// <summary>The journal in which completed items are recorded and looked up. The run doesn't close it.</summary>
    public BulkJournal? Journal { get; init; }

    /// <summary>The handling of items whose answer an earlier run never wrote.</summary>
    public ResumeMode Resume { get; init; }

    /// <summary>The maximum number of requests per minute, retries and hedges included; no limit when <see langword="null"/>.</summary>
    public int? RequestsPerMinute { get; init; }

    /// <summary>The most tokens to use in a minute; no limit when <see langword="null"/>.</summary>
    public int? TokensPerMinute { get; init; }

    /// <summary>The number of items that may fail before the run stops; unlimited when <see langword="null"/>.</summary>
    public ErrorThreshold? ErrorThreshold { get; init; }

    /// <summary>The time to wait for a gateway that isn't responding before the run stops; it stops at once when <see langword="null"/>.</summary>
    public TimeSpan? WaitForGateway { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
