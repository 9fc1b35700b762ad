using System;
using System.Collections.Generic;
using System.Text.Json;

namespace Helicone.Offline.Recordings;

/// <summary>An answer in a recording.</summary>
/// <param name="Line">The number of its line, from 1.</param>
/// <param name="Request">The request, with keys masked.</param>
/// <param name="At">When it was recorded.</param>
/// <param name="StatusCode">The status.</param>
/// <param name="Headers">The headers that were kept.</param>
/// <param name="Pieces">The body: of a stream, the events.</param>
/// <param name="Cost">The cost in US dollars, if it was known.</param>
internal sealed record RecordedAnswer(
    int Line,
    JsonElement Request,
    DateTimeOffset? At,
    int StatusCode,
    IReadOnlyList<KeyValuePair<string, string>> Headers,
    IReadOnlyList<byte[]> Pieces,
    decimal? Cost);
