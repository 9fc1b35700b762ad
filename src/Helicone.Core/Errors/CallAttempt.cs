using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace Helicone.Errors;

/// <summary>One attempt of this client at the gateway.</summary>
public sealed record CallAttempt
{
    /// <summary>1 for the first.</summary>
    public int Number { get; init; }

    /// <summary>When it was sent.</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary><see cref="StartedAt"/> in local time. Serializers that don't support <see cref="DateTimeOffset"/> keep it a date.</summary>
    public DateTime Started => StartedAt.LocalDateTime;

    /// <summary>From sending to the outcome.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>The status that the gateway answered with; <see langword="null"/> when no answer came.</summary>
    public int? StatusCode { get; init; }

    /// <summary>The kind of the failure; <see langword="null"/> for the attempt that succeeded.</summary>
    public HeliconeErrorKind? Kind { get; init; }

    /// <summary>The error in words; <see langword="null"/> for the attempt that succeeded.</summary>
    public string? Message { get; init; }

    /// <summary>Indicates whether it raced another attempt of the same call, and lost. It may have been paid for.</summary>
    public bool LostRace { get; init; }

    /// <summary>The wait between this attempt and the next; <see langword="null"/> for the last.</summary>
    public TimeSpan? Wait { get; init; }

    /// <summary>
    /// The gateway's own attempts at providers, in order: all of them when the attempt failed, and those that failed before another provider
    /// answered when it succeeded. Only the local gateway reports the latter.
    /// </summary>
    public IReadOnlyList<UpstreamAttempt> Upstream { get; init => field = TextList<UpstreamAttempt>.Of(value); } = TextList<UpstreamAttempt>.None;

    /// <summary>No connection was made: nobody can have begun to work on it.</summary>
    internal bool NothingSent { get; init; }

    /// <summary>When the server asked to come back.</summary>
    internal TimeSpan? RetryAfter { get; init; }

    /// <summary>It ran next to another attempt of the same call, whichever of the two succeeded.</summary>
    internal bool IsRace { get; init; }

    /// <summary>One line: number, outcome, duration, wait, and the providers that failed before one answered.</summary>
    public override string ToString()
    {
        string outcome = Kind is { } kind ? kind.ToString() : LostRace ? "lost the race" : "OK";
        string status = StatusCode is { } code ? $" ({code})" : string.Empty;
        string wait = Wait is { } pause ? FormattableString.Invariant($", waited {pause.TotalSeconds:0.0} s") : string.Empty;
        string before = Kind is null && Upstream.Count > 0 ? ", failed before: " + string.Join(", ", Upstream.Select(Describe)) : string.Empty;
        return FormattableString.Invariant($"#{Number} {outcome}{status} after {Duration.TotalMilliseconds:0} ms{wait}{before}");
    }

    private static string Describe(UpstreamAttempt attempt)
    {
        string? status = attempt.StatusCode?.ToString(CultureInfo.InvariantCulture) ?? attempt.Type;
        return status is null ? attempt.Source ?? "?" : $"{attempt.Source ?? "?"} ({status})";
    }
}
