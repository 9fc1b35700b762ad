using Helicone.Errors;

namespace Helicone.Core.Tests.Faults;

/// <summary>What comes of a fault.</summary>
public sealed record Expectation
{
    /// <summary>The error; <see langword="null"/> for a whole answer in the end.</summary>
    public HeliconeErrorKind? Kind { get; init; }

    /// <summary>The number of attempts that the client reports.</summary>
    public int Attempts { get; init; } = 1;

    /// <summary>The number of requests that arrive; the number of attempts unless they fail before that.</summary>
    public int? Requests { get; init; }

    /// <summary>What the attempts before the last came to.</summary>
    public HeliconeErrorKind? Before { get; init; }

    public bool Transient { get; init; }

    public int? Status { get; init; }

    public TimeoutPhase? Phase { get; init; }

    /// <summary>What had come of the answer.</summary>
    public string? Partial { get; init; }

    /// <summary>What the message holds.</summary>
    public string Says { get; init; } = string.Empty;

    /// <summary>When the server asks to come back.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>How long the client waits between attempts, where it does not choose that itself.</summary>
    public TimeSpan? Wait { get; init; }

    /// <summary>The answer comes in the end.</summary>
    public static Expectation Whole(int attempts = 1, HeliconeErrorKind? before = null) => new() { Attempts = attempts, Before = before };

    /// <summary>It can never succeed, and is tried once.</summary>
    public static Expectation Permanent(HeliconeErrorKind kind, int? status, string says = "") =>
        new() { Kind = kind, Status = status, Says = says };

    /// <summary>It can pass, and is tried three times.</summary>
    public static Expectation Passing(HeliconeErrorKind kind, int? status, string says = "") =>
        new() { Kind = kind, Before = kind, Status = status, Says = says, Transient = true, Attempts = 3 };

    /// <summary>It is transient, but output has already been returned.</summary>
    public static Expectation Cut(HeliconeErrorKind kind, string partial, string says = "") =>
        new() { Kind = kind, Partial = partial, Says = says };
}
