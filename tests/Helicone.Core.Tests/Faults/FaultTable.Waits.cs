using Helicone.Errors;
using static Helicone.Core.Tests.Faults.Expectation;
using static Helicone.Core.Tests.Faults.Script;
using static Helicone.Errors.HeliconeErrorKind;

namespace Helicone.Core.Tests.Faults;

public static partial class FaultTable
{
    private static IEnumerable<Fault> Waits() =>
    [
        // Every form of "come back later" that is honoured, and how long it is.
        Waits(429, 7, "Retry-After: 7"),
        Waits(429, 0.25, "Retry-After: 0.25"),
        Waits(429, 60, "Retry-After: 60"),
        Waits(503, 7, "Retry-After: 7"),
        Waits(429, 30, "Retry-After: Sun, 01 Mar 2026 03:00:30 GMT"),
        Waits(429, 30, "Retry-After: Sunday, 01-Mar-26 03:00:30 GMT"),
        Waits(429, 1.5, "retry-after-ms: 1500"),
        Waits(503, 1.5, "retry-after-ms: 1500"),
        Waits(429, 42, "Helicone-RateLimit-Reset: 42"),
        Waits(429, 5, "Helicone-RateLimit-Reset: 42", "Retry-After: 5"),
        Waits(429, 2, "Helicone-RateLimit-Reset: 42", "Retry-After: 5", "retry-after-ms: 2000"),

        // No wait, or a value that isn't valid: the client's own delay.
        Waits(429, null, "Retry-After: 0"),
        Waits(429, null, "Retry-After: -5"),
        Waits(429, null, "Retry-After: Sat, 28 Feb 2026 03:00:30 GMT"),
        Waits(429, null, "Retry-After: soon"),
        Waits(429, null, "Retry-After: NaN"),
        Waits(429, null, "Retry-After: "),
        Waits(429, null, "retry-after-ms: x"),
        Waits(429, null, "retry-after-ms: -1"),
        Waits(429, null, "Helicone-RateLimit-Reset: never"),
        Waits(503, null, "Helicone-RateLimit-Reset: 42"),

        // Longer than the limit: fails at once, and reports the wait.
        TooLongAWait(429, 61, "61 s", "Retry-After: 61"),
        TooLongAWait(503, 600, "10 min", "Retry-After: 600"),
        TooLongAWait(429, 90, "90 s", "Retry-After: Sun, 01 Mar 2026 03:01:30 GMT"),
        TooLongAWait(429, 31_536_000, "365 days", "Retry-After: 99999999999999999999"),
        TooLongAWait(429, 31_536_000, "365 days", "Retry-After: 1e400"),
        TooLongAWait(429, 31_536_000, "365 days", "Retry-After: Fri, 01 Mar 2999 03:01:30 GMT"),
        TooLongAWait(429, 61.5, "62 s", "retry-after-ms: 61500"),
        TooLongAWait(429, 3600, "60 min", "Helicone-RateLimit-Reset: 3600"),
        TooLongAWait(429, 30, "30 s", "Retry-After: 30") with { Name = "429 with Retry-After: 30, and less time left", Call = options => options with { TotalTimeout = TimeSpan.FromSeconds(20) } },

        // The server's value takes precedence.
        Decided(400, "true", Passing(InvalidRequest, 400)),
        Decided(401, "True", Passing(Unauthenticated, 401)),
        Decided(429, "true", Passing(RateLimited, 429)),
        Decided(429, "false", Permanent(RateLimited, 429)),
        Decided(503, "False", Permanent(UpstreamFailed, 503)),
        Decided(400, "maybe", Permanent(InvalidRequest, 400)),
        Decided(503, "maybe", Passing(UpstreamFailed, 503)),

        // Retries of the server's own are not multiplied, nor promised where none were asked for.
        new("retries of the server's own, and 503", Respond(503, "no"), Permanent(UpstreamFailed, 503) with { Transient = true }) { Call = ServerRetries, KeepsTheConnection = true },
        new("retries of the server's own, and 429", Respond(429, "no"), Permanent(RateLimited, 429) with { Transient = true }) { Call = ServerRetries, KeepsTheConnection = true },
        new("no retries asked for", Respond(503, "no"), Permanent(UpstreamFailed, 503) with { Transient = true }) { Call = options => options with { MaxRetries = 0 }, KeepsTheConnection = true },
        new("five retries asked for, the last of which gets through", First(5, Respond(503, "no")), Whole(6, UpstreamFailed)) { Call = options => options with { MaxRetries = 5 } },
        new("503, and then the answer", First(1, Respond(503, "no")), Whole(2, UpstreamFailed)) { KeepsTheConnection = true },
        new("503, and then a refusal", exchange => exchange.Raw.RespondAsync(exchange.Attempt == 1 ? 503 : 400, "no"), Permanent(InvalidRequest, 400) with { Attempts = 2, Before = UpstreamFailed }) { KeepsTheConnection = true },
    ];

    private static Fault Waits(int status, double? seconds, params string[] headers) =>
        new($"{status} with {string.Join(", ", headers)}", First(1, Respond(status, "{}", headers)), Whole(2, status == 429 ? RateLimited : UpstreamFailed) with
        {
            Wait = seconds is { } wait ? TimeSpan.FromSeconds(wait) : null,
        })
        {
            TimeIsFaked = true,
            Call = Limits(total: false, first: false, idle: false),
        };

    private static Fault TooLongAWait(int status, double seconds, string words, string header) =>
        new($"{status} with {header}", Respond(status, "Slow down", header), new Expectation
        {
            Kind = status == 429 ? RateLimited : UpstreamFailed,
            Status = status,
            Transient = true,
            Says = $"The server requests a wait of {words}.",
            RetryAfter = TimeSpan.FromSeconds(seconds),
        })
        {
            TimeIsFaked = true,
            KeepsTheConnection = true,
        };

    private static Fault Decided(int status, string value, Expectation expected) =>
        new($"{status} with x-should-retry: {value}", Respond(status, "no", "x-should-retry: " + value), expected) { KeepsTheConnection = true };
}
