using System;
using System.Collections.Generic;
using Helicone.Attribution;
using Helicone.Errors;
using Helicone.Resilience;
using Helicone.Spending;

namespace Helicone;

/// <summary>The tags of one call, and the options that differ from those of the client.</summary>
public sealed record RequestOptions
{
    private static readonly string[] s_reserved = ["Authorization", "Helicone-Auth", "Host", "Content-Length", "Content-Type", "Transfer-Encoding", "Connection", "Expect", "Upgrade"];

    private static readonly string[] s_content = ["Allow", "Expires", "Last-Modified"];

    /// <summary>The session that the call belongs to.</summary>
    public HeliconeSession? Session { get; init; }

    /// <summary>User, properties, request id.</summary>
    public RequestTags Tags { get; init; } = new();

    /// <summary>Helicone's response cache; not used when <see langword="null"/>.</summary>
    public CachePolicy? Cache { get; init; }

    /// <summary>A custom rate limit.</summary>
    public RateLimitPolicy? RateLimit { get; init; }

    /// <summary>Any other header.</summary>
    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    /// <summary>For the call as a whole, its retries included.</summary>
    public TimeSpan? TotalTimeout { get; init; }

    /// <summary>For the first token of a stream.</summary>
    public TimeSpan? FirstTokenTimeout { get; init; }

    /// <summary>For silence within a body.</summary>
    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>The number of retries, 0 to 20.</summary>
    public int? MaxRetries { get; init; }

    /// <summary>After how long without a first byte a second attempt races the first; <see langword="null"/> for never. Both may be paid for. Not for streams.</summary>
    public TimeSpan? HedgeAfter { get; init; }

    /// <summary>Told of every retry before its wait begins, on whatever thread the call is on.</summary>
    public Action<CallAttempt>? OnRetry { get; init; }

    /// <summary>A spending ceiling for the call, in addition to the client's. Calls that share one share its limit.</summary>
    public SpendingCeiling? Ceiling { get; init; }

    /// <summary>Handed through to <see cref="Chat.ChatCompletion.Input"/>.</summary>
    public object? Input { get; init; }

    /// <summary>The run that the call is part of.</summary>
    internal AttemptGate? Gate { get; init; }

    /// <summary>Sends the request again only when the first one certainly was not processed: it never left, or it was refused with a 429.</summary>
    internal bool RetryOnlyUnprocessed { get; init; }

    /// <summary>Checks the headers that the options make.</summary>
    /// <returns>The same options.</returns>
    /// <exception cref="ArgumentException">A header cannot go on the wire, or the rate limit's segment names a user or property that the call does not have.</exception>
    public RequestOptions Validate()
    {
        _ = ToHeaders();
        return this;
    }

    /// <summary>Every header of the call but the key's, checked.</summary>
    /// <exception cref="ArgumentException">A header cannot go on the wire, or the rate limit's segment names a user or property that the call does not have.</exception>
    internal HeaderSink ToHeaders()
    {
        HeaderSink headers = new();
        Session?.WriteTo(headers);
        Tags.WriteTo(headers);
        Cache?.WriteTo(headers);
        RateLimit?.WriteTo(headers);
        if (Headers is not null)
        {
            foreach (KeyValuePair<string, string> header in Headers)
            {
                if (Array.Exists(s_reserved, name => name.Equals(header.Key, StringComparison.OrdinalIgnoreCase)))
                {
                    throw new ArgumentException($"The header '{header.Key}' belongs to the connection and cannot be set for a call.", nameof(Headers));
                }

                if (header.Key.StartsWith("Content-", StringComparison.OrdinalIgnoreCase)
                    || Array.Exists(s_content, name => name.Equals(header.Key, StringComparison.OrdinalIgnoreCase)))
                {
                    // .NET would leave it out without a word.
                    throw new ArgumentException($"The header '{header.Key}' describes a body, not a call, and cannot be set.", nameof(Headers));
                }

                headers.Set(header.Key, header.Value);
            }
        }

        CheckSegment(headers, nameof(RateLimit));
        return headers;
    }

    // Helicone fails open when the segment's header is missing: the limit would silently not exist (Helicone/helicone worker/src/lib/rate-limit/policyParser.ts @bebeff5e).
    private void CheckSegment(HeaderSink headers, string paramName)
    {
        if (RateLimit?.Segment is not { } segment)
        {
            return;
        }

        bool user = string.Equals(segment, "user", StringComparison.OrdinalIgnoreCase);
        string header = user ? "Helicone-User-Id" : "Helicone-Property-" + segment;
        foreach (KeyValuePair<string, string> set in headers.Headers)
        {
            if (string.Equals(set.Key, header, StringComparison.OrdinalIgnoreCase))
            {
                return;
            }
        }

        throw new ArgumentException(
            user ? $"The rate limit '{RateLimit}' counts per user, and the call names none. Without a user Helicone applies no limit at all."
                : $"The rate limit '{RateLimit}' counts per property '{segment}', and the call has no such property. Without it Helicone applies no limit at all.",
            paramName);
    }
}
