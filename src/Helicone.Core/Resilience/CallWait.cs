using System;
using Helicone.Errors;

namespace Helicone.Resilience;

/// <summary>A wait of a call before its next attempt.</summary>
/// <param name="Kind">What the call waits for: the kind of the failure that came before.</param>
/// <param name="StatusCode">The status of that failure; <see langword="null"/> when no answer came.</param>
/// <param name="Until">When the wait ends.</param>
/// <param name="Duration">The length of the wait.</param>
public sealed record CallWait(HeliconeErrorKind? Kind, int? StatusCode, DateTimeOffset Until, TimeSpan Duration);
