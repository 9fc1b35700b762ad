using System;
using System.Collections.Generic;
using Helicone.Chat;
using Helicone.Spending;

namespace Helicone.Errors;

/// <summary>The exception of this client: what failed, whether it is transient, and everything that the gateway reported about it.</summary>
public sealed class HeliconeException : Exception
{
    /// <summary>Creates an exception of a kind.</summary>
    /// <remarks>A message often quotes a server and is written to terminals and logs by whoever catches it, so control characters in it are shown as symbols.</remarks>
    public HeliconeException(HeliconeErrorKind kind, string message, Exception? innerException = null)
        : base(TerminalText.Show(message), innerException)
    {
        Kind = kind;
        IsTransient = kind is HeliconeErrorKind.RateLimited or HeliconeErrorKind.UpstreamFailed or HeliconeErrorKind.Unreachable
            or HeliconeErrorKind.TimedOut or HeliconeErrorKind.StreamInterrupted or HeliconeErrorKind.MalformedResponse;
    }

    /// <summary>The kind of the failure.</summary>
    public HeliconeErrorKind Kind { get; }

    /// <summary>The true status: the provider's where the gateway hid it behind a 500, else the gateway's. <see langword="null"/> without an answer.</summary>
    public int? StatusCode { get; init; }

    /// <summary>The machine-readable code of the envelope, such as <c>all_attempts_failed</c> or <c>PROMPT_THREAT_DETECTED</c>.</summary>
    public string? Code { get; init; }

    /// <summary>The gateway's <c>Helicone-Id</c> of the failed call.</summary>
    public string? RequestId { get; init; }

    /// <summary>When the server asked to come back.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Indicates whether the same call may succeed later. After output was returned, a retry isn't possible even so.</summary>
    public bool IsTransient { get; init; }

    /// <summary>The time limit that was reached, for <see cref="HeliconeErrorKind.TimedOut"/>.</summary>
    public TimeoutPhase? TimeoutPhase { get; init; }

    /// <summary>The proxy that the call went through, without user name and password, if no response came back.</summary>
    public Uri? Proxy { get; init; }

    /// <summary>The part of the answer that arrived before it was interrupted; never a whole answer.</summary>
    public string? PartialText { get; init; }

    /// <summary>The spending ceiling that refused the call, for <see cref="HeliconeErrorKind.BudgetExceeded"/>.</summary>
    public BudgetStatus? Budget { get; init; }

    /// <summary>The gateway's attempts at providers, in order (<c>details[]</c>).</summary>
    public IReadOnlyList<UpstreamAttempt> Upstream { get; init; } = [];

    /// <summary>Every attempt that this client made.</summary>
    public IReadOnlyList<CallAttempt> Attempts { get; init; } = [];

    /// <summary>The answers that were received, and paid for, before the call failed. With <see cref="HeliconeErrorKind.SchemaMismatch"/>, those that don't fit.</summary>
    public IReadOnlyList<ChatCompletion> Completions { get; init; } = [];

    /// <summary>The last of <see cref="Completions"/>.</summary>
    public ChatCompletion? Completion => Completions.Count > 0 ? Completions[Completions.Count - 1] : null;

    /// <summary>The cost of <see cref="Completions"/> in US dollars; <see langword="null"/> without any, and when the cost of one is unknown.</summary>
    public decimal? Cost
    {
        get
        {
            decimal? sum = Completions.Count > 0 ? 0 : null;
            foreach (ChatCompletion completion in Completions)
            {
                sum += completion.TotalCost;
            }

            return sum;
        }
    }

    /// <summary>The problems of the answer, for <see cref="HeliconeErrorKind.SchemaMismatch"/>.</summary>
    public IReadOnlyList<string> SchemaProblems { get; init; } = [];

    /// <summary>Another answer may fit where this one doesn't.</summary>
    internal bool CanAskAgain { get; init; }

    /// <summary>No connection was made by the last attempt: nobody can have begun to work on its request.</summary>
    internal bool NothingSent { get; init; }

    /// <summary>No answer came: nobody took the request, or the connection broke before the first byte.</summary>
    internal bool IsUnreachable => Kind == HeliconeErrorKind.Unreachable || this is { Kind: HeliconeErrorKind.TimedOut, TimeoutPhase: Errors.TimeoutPhase.Connect };

    /// <summary>None of the attempts made a connection: the call cannot have been paid for.</summary>
    internal bool NeverSent
    {
        get
        {
            foreach (CallAttempt attempt in Attempts)
            {
                if (!attempt.NothingSent)
                {
                    return false;
                }
            }

            return NothingSent;
        }
    }

    /// <summary>The same error with the story of the attempts, and of the text that had arrived.</summary>
    internal HeliconeException With(IReadOnlyList<CallAttempt> attempts, string? partialText = null, bool? isTransient = null) =>
        new(Kind, Message, InnerException)
        {
            StatusCode = StatusCode,
            Code = Code,
            RequestId = RequestId,
            RetryAfter = RetryAfter,
            IsTransient = isTransient ?? IsTransient,
            TimeoutPhase = TimeoutPhase,
            Proxy = Proxy,
            PartialText = partialText ?? PartialText,
            Budget = Budget,
            Upstream = Upstream,
            Attempts = attempts,
            NothingSent = NothingSent,
            Completions = Completions,
            SchemaProblems = SchemaProblems,
            CanAskAgain = CanAskAgain,
        };

    /// <summary>The same error with the answers that came before it.</summary>
    internal HeliconeException With(IReadOnlyList<ChatCompletion> completions) =>
        new(Kind, Message, InnerException)
        {
            StatusCode = StatusCode,
            Code = Code,
            RequestId = RequestId,
            RetryAfter = RetryAfter,
            IsTransient = IsTransient,
            TimeoutPhase = TimeoutPhase,
            Proxy = Proxy,
            PartialText = PartialText,
            Upstream = Upstream,
            Budget = Budget,
            Attempts = Attempts,
            NothingSent = false,
            Completions = completions,
        };
}
