using System;
using System.Collections.Generic;

namespace Helicone.Offline;

/// <summary>A call and its answer as they were on the wire.</summary>
internal sealed record RecordedCall
{
    /// <summary>When the call began.</summary>
    internal required DateTimeOffset At { get; init; }

    /// <summary>The body of the request.</summary>
    internal required ReadOnlyMemory<byte> Request { get; init; }

    /// <summary>The cache seed, which may change the answer as the body does.</summary>
    internal string? CacheSeed { get; init; }

    internal required int StatusCode { get; init; }

    /// <summary>The headers of the answer.</summary>
    internal required IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; }

    /// <summary>The body of the answer.</summary>
    internal required ReadOnlyMemory<byte> Answer { get; init; }

    /// <summary>The cost in US dollars; <see langword="null"/> when it isn't known.</summary>
    internal decimal? Cost { get; init; }
}
