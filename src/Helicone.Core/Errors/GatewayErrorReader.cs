using System;
using System.Collections.Generic;
using System.Net.Http.Headers;
using System.Security;
using Helicone.Http;

namespace Helicone.Errors;

/// <summary>
/// Makes an exception of a response or an event that reports an error: <see cref="GatewayErrorParser"/> reads it, <see cref="ErrorClassifier"/>
/// decides what it is, <see cref="RetryAfterReader"/> reads when to come back, and <see cref="ErrorText"/> puts it into words.
/// </summary>
internal static class GatewayErrorReader
{
    /// <summary>The code of the local gateway when it cannot write its log (disk full, log locked). The provider may have answered: trying again pays again.</summary>
    internal const string LogUnavailable = "log_unavailable";

    /// <summary>Reads a response that is not a success.</summary>
    /// <param name="status">The status on the wire.</param>
    /// <param name="headers">The response's headers.</param>
    /// <param name="body">The body, or its beginning.</param>
    /// <param name="now">For a <c>Retry-After</c> that is a date.</param>
    /// <param name="key">The key of the connection, which no message may quote.</param>
    internal static HeliconeException Read(int status, HttpResponseHeaders headers, ReadOnlySpan<byte> body, DateTimeOffset now, SecureString? key)
    {
        if (status is >= 300 and < 400)
        {
            return Redirected(status, headers, key);
        }

        GatewayError error = GatewayErrorParser.Parse(body, key);
        if (status < 300)
        {
            // A chat is answered with 200 and nothing else.
            return new HeliconeException(HeliconeErrorKind.MalformedResponse, ErrorText.Compose(status, error, null, null, key))
            {
                StatusCode = status,
                RequestId = RequestId(headers, key),
            };
        }

        return Build(status, error, headers, now, key);
    }

    /// <summary>Reads an <c>error</c> inside a 200: in an event of a stream, or instead of an answer. Returns <see langword="null"/> for anything else.</summary>
    internal static HeliconeException? TryReadInBand(ReadOnlySpan<byte> json, string? requestId, SecureString? key) =>
        GatewayErrorParser.TryParse(json) is { } error
            ? Build(error.Status ?? ErrorClassifier.StatusOf(error), error, null, default, key, requestId)
            : null;

    /// <summary>The providers that a gateway tried before the one that answered. Only the local gateway reports them, in a header.</summary>
    internal static IReadOnlyList<UpstreamAttempt> ReadFailedAttempts(HttpResponseHeaders headers, SecureString? key) =>
        Header(headers, "Helicone-Failed-Attempts") is { } text ? ErrorText.Scrub(GatewayErrorParser.ParseAttempts(text), key) : [];

    private static HeliconeException Redirected(int status, HttpResponseHeaders headers, SecureString? key)
    {
        string target = headers.Location is { } location ? Redaction.Scrub(location.ToString(), key) : "an unknown address";
        return new HeliconeException(HeliconeErrorKind.InvalidRequest, $"The server redirects ({status}) to {target}. Redirects aren't followed, because the key and the prompt would be sent there.")
        {
            StatusCode = status,
            RequestId = RequestId(headers, key),
        };
    }

    // The status is null for an error inside a 200 that names none; it is judged like a 500 and not called one.
    private static HeliconeException Build(int? status, GatewayError error, HttpResponseHeaders? headers, DateTimeOffset now, SecureString? key, string? requestId = null)
    {
        ErrorVerdict verdict = ErrorClassifier.Judge(status ?? 500, error.Type ?? error.Code, error.Type is null ? error.Message : error.Code + " " + error.Message);
        UpstreamAttempt? cause = ErrorClassifier.Cause(error.Upstream);
        if (cause is not null)
        {
            // The gateway's own words stay for what is the gateway's own doing: its rate limit and its key.
            verdict = ErrorClassifier.Judge(cause.StatusCode ?? status ?? 500, cause.Type, cause.Message ?? error.Message);
            status = cause.StatusCode ?? status;
        }

        bool transient = verdict.Transient;
        if (bool.TryParse(Header(headers, "x-should-retry"), out bool should))
        {
            transient = should;
        }

        TimeSpan? retryAfter = headers is null ? null : RetryAfterReader.Read(headers, now, verdict.Kind);
        return new HeliconeException(verdict.Kind, ErrorText.Compose(status, error, cause, transient ? retryAfter : null, key))
        {
            StatusCode = status,
            Code = ErrorText.Clean(error.Code ?? error.Type, key),
            RequestId = requestId ?? RequestId(headers, key),
            RetryAfter = retryAfter,
            IsTransient = transient,
            Upstream = ErrorText.Scrub(error.Upstream, key),
        };
    }

    /// <summary>The call's id. It ends up in error records, journals, and files, so a server that sends the key back in its place gets it masked.</summary>
    internal static string? RequestId(HttpResponseHeaders? headers, SecureString? key) =>
        Header(headers, "Helicone-Id") is { } id
            ? Guid.TryParse(id, out _) ? id : ErrorText.Clean(id, key)
            : null;

    internal static string? Header(HttpResponseHeaders? headers, string name)
    {
        if (headers is not null && headers.TryGetValues(name, out IEnumerable<string>? values))
        {
            foreach (string value in values)
            {
                return value;
            }
        }

        return null;
    }
}
