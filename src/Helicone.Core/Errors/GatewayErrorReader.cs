using System;
using System.Collections.Generic;
using System.Globalization;
using System.Net.Http.Headers;
using System.Security;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Helicone.Http;

namespace Helicone.Errors;

/// <summary>The one place that understands error bodies: every shape that the gateway, the REST API, a proxy or a provider answers with.</summary>
/// <remarks>
/// The content type is not looked at, since the gateway sends its JSON envelope as text/plain. The gateway reports most failures of a
/// provider as 500; the truth is in <c>error.details[]</c> (worker SimpleAIGateway and ErrorForwarder).
/// </remarks>
internal static class GatewayErrorReader
{
    /// <summary>The code of the local gateway when it cannot write its log (disk full, log locked). The provider may have answered: trying again pays again.</summary>
    internal const string LogUnavailable = "log_unavailable";

    private const int MaxMessageLength = 2000;

    // More providers than this in one message are not read by anyone; Upstream has them all.
    private const int MaxSources = 10;

    // What decides stands near the beginning; a body of 256 KB shall not keep a pattern busy until it times out.
    private const int MaxJudgedLength = 8000;
    private static readonly TimeSpan s_matchTimeout = TimeSpan.FromSeconds(1);

    private static readonly Regex s_context = new(
        "context[ _]length|maximum context|context window|prompt is too long|too many (input )?tokens|reduce the length|input length and `max_tokens` exceed",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant,
        s_matchTimeout);

    private static readonly Regex s_model = new(
        "no available providers|model[_ ]not[_ ](found|supported)|model .{0,200}(not found|does not exist|is not supported|not available)|unknown model|no such model|missing model",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant,
        s_matchTimeout);

    private static readonly Regex s_credit = new(
        "insufficient[_ ](balance|credit|quota|funds)|exceeded your current quota|credit balance is too low|out of credits",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant,
        s_matchTimeout);

    // Google says "exceeded your current quota" to what is over in a minute, OpenAI only to an empty account.
    private static readonly Regex s_passing = new(
        "RESOURCE_EXHAUSTED|retry in [0-9]|per[ _-]?minute",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant,
        s_matchTimeout);

    private static readonly Regex s_content = new(
        "PROMPT_FLAGGED_FOR_MODERATION|PROMPT_THREAT_DETECTED|content[_ ](filter|policy)|ResponsibleAIPolicyViolation|safety system",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant,
        s_matchTimeout);

    private static readonly Regex s_markup = new("<[^>]{0,500}>", RegexOptions.CultureInvariant, s_matchTimeout);
    private static readonly Regex s_spaces = new("\\s+", RegexOptions.CultureInvariant, s_matchTimeout);
    private static readonly JsonDocumentOptions s_json = new() { MaxDepth = 256 };

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

        GatewayError error = Parse(body, key);
        if (status < 300)
        {
            // A chat is answered with 200 and nothing else.
            return new HeliconeException(HeliconeErrorKind.MalformedResponse, Compose(status, error, null, null, key))
            {
                StatusCode = status,
                RequestId = Header(headers, "Helicone-Id"),
            };
        }

        return Build(status, error, headers, now, key);
    }

    /// <summary>Reads an <c>error</c> that came inside a 200: in a stream's event, or instead of an answer. <see langword="null"/> for what is none.</summary>
    internal static HeliconeException? TryReadInBand(ReadOnlySpan<byte> json, string? requestId, SecureString? key)
    {
        GatewayError error = new();
        return TryFill(error, ServerSentEvents.WithoutMark(json), bareIsError: false)
            ? Build(error.Status ?? StatusOfType(error), error, null, default, key, requestId)
            : null;
    }

    /// <summary>The providers that a gateway asked before the one that answered. Only the local gateway reports them, in a header of its own.</summary>
    internal static IReadOnlyList<UpstreamAttempt> ReadFailedAttempts(HttpResponseHeaders headers, SecureString? key)
    {
        if (Header(headers, "Helicone-Failed-Attempts") is not { } text)
        {
            return [];
        }

        List<UpstreamAttempt> failed = [];
        try
        {
            using JsonDocument document = JsonDocument.Parse(text, s_json);
            if (document.RootElement.ValueKind == JsonValueKind.Array)
            {
                AddAttempts(failed, document.RootElement);
            }
        }
        catch (JsonException)
        {
            // Not the local gateway's. The answer is good all the same.
        }

        return Scrub(failed, key);
    }

    private static HeliconeException Redirected(int status, HttpResponseHeaders headers, SecureString? key)
    {
        string target = headers.Location is { } location ? Redaction.Scrub(location.ToString(), key) : "an address that it does not name";
        return new HeliconeException(HeliconeErrorKind.InvalidRequest, $"The server redirects ({status}) to {target}. Redirects are not followed: neither the key nor the prompt goes there.")
        {
            StatusCode = status,
            RequestId = Header(headers, "Helicone-Id"),
        };
    }

    // The status is null for an error inside a 200 that names none; it is judged like a 500 and not called one.
    private static HeliconeException Build(int? status, GatewayError error, HttpResponseHeaders? headers, DateTimeOffset now, SecureString? key, string? requestId = null)
    {
        Verdict verdict = Judge(status ?? 500, error.Type ?? error.Code, error.Type is null ? error.Message : error.Code + " " + error.Message);
        UpstreamAttempt? cause = Cause(error.Upstream);
        if (cause is not null)
        {
            // The gateway's own words stay for what is the gateway's own doing: its rate limit and its key.
            verdict = Judge(cause.StatusCode ?? status ?? 500, cause.Type, cause.Message ?? error.Message);
            status = cause.StatusCode ?? status;
        }

        bool transient = verdict.Transient;
        if (bool.TryParse(Header(headers, "x-should-retry"), out bool should))
        {
            transient = should;
        }

        TimeSpan? retryAfter = headers is null ? null : RetryAfter(headers, now, verdict.Kind);
        return new HeliconeException(verdict.Kind, Compose(status, error, cause, transient ? retryAfter : null, key))
        {
            StatusCode = status,
            Code = Clean(error.Code ?? error.Type, key),
            RequestId = requestId ?? Header(headers, "Helicone-Id"),
            RetryAfter = retryAfter,
            IsTransient = transient,
            Upstream = Scrub(error.Upstream, key),
        };
    }

    /// <summary>The attempt that decides: one that may pass next time, else the first that says more than that a provider was not set up.</summary>
    private static UpstreamAttempt? Cause(List<UpstreamAttempt> upstream)
    {
        foreach (UpstreamAttempt attempt in upstream)
        {
            if (attempt.StatusCode is { } status && Judge(status, attempt.Type, attempt.Message).Transient)
            {
                return attempt;
            }
        }

        return upstream.Find(a => a.Type is not ("missing_provider_key" or "model_not_supported" or "disallowed"))
            ?? (upstream.Count > 0 ? upstream[0] : null);
    }

    private static Verdict Judge(int status, string? type, string? message)
    {
        string text = Shorten(type is null ? message ?? string.Empty : type + " " + message, MaxJudgedLength);
        if (status == 402 || (IsMatch(s_credit, text) && !(status == 429 && IsMatch(s_passing, text))))
        {
            return new Verdict(HeliconeErrorKind.InsufficientCredits, false);
        }

        switch (status)
        {
            case 401:
                return new Verdict(HeliconeErrorKind.Unauthenticated, false);
            case 403:
                return new Verdict(IsMatch(s_content, text) ? HeliconeErrorKind.ContentBlocked : HeliconeErrorKind.Forbidden, false);
            case 408 or 409 or 425:
                return new Verdict(HeliconeErrorKind.UpstreamFailed, true);
            case 429:
                return new Verdict(HeliconeErrorKind.RateLimited, true);
            case 501 or 505:
                return new Verdict(HeliconeErrorKind.UpstreamFailed, false);
        }

        if (type == LogUnavailable)
        {
            return new Verdict(HeliconeErrorKind.UpstreamFailed, false);
        }

        if (status >= 500)
        {
            // 500 is also what the gateway and its worker say to requests that can never succeed.
            if (text.Contains("bucket size cannot be greater"))
            {
                return new Verdict(HeliconeErrorKind.InvalidRequest, false);
            }

            if (text.IndexOf("no available providers", StringComparison.OrdinalIgnoreCase) >= 0 || type is "model_not_supported")
            {
                return new Verdict(HeliconeErrorKind.ModelNotFound, false);
            }

            return type is "missing_provider_key"
                ? new Verdict(HeliconeErrorKind.Unauthenticated, false)
                : new Verdict(HeliconeErrorKind.UpstreamFailed, !text.Contains("PEYEEYE_MISCONFIGURED"));
        }

        if (IsMatch(s_content, text))
        {
            return new Verdict(HeliconeErrorKind.ContentBlocked, false);
        }

        if (IsMatch(s_context, text))
        {
            return new Verdict(HeliconeErrorKind.ContextTooLong, false);
        }

        if (type is "missing_provider_key")
        {
            return new Verdict(HeliconeErrorKind.Unauthenticated, false);
        }

        return new Verdict(IsMatch(s_model, text) ? HeliconeErrorKind.ModelNotFound : HeliconeErrorKind.InvalidRequest, false);
    }

    // A text that takes too long to judge is judged by its status alone.
    private static bool IsMatch(Regex pattern, string text)
    {
        try
        {
            return pattern.IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }

    private static int? StatusOfType(GatewayError error) => (error.Type ?? error.Code) switch
    {
        "rate_limit_error" or "rate_limit_exceeded" or "rate_limited" => 429,
        "authentication_error" or "invalid_api_key" => 401,
        "permission_error" => 403,
        "not_found_error" => 404,
        "invalid_request_error" or "invalid_request" or "context_length_exceeded" => 400,
        "request_too_large" => 413,
        "overloaded_error" => 529,
        _ => null,
    };

    private static GatewayError Parse(ReadOnlySpan<byte> body, SecureString? key)
    {
        GatewayError error = new();
        ReadOnlySpan<byte> content = ServerSentEvents.WithoutMark(body);
        if (TryFill(error, content, bareIsError: true))
        {
            return error;
        }

        string text = Encoding.UTF8.GetString(content.Slice(0, Math.Min(content.Length, 16 * 1024)).ToArray());
        bool html = text.TrimStart().StartsWith("<", StringComparison.Ordinal);
        string readable = Replace(s_spaces, html ? Replace(s_markup, text) : text).Trim();
        error.Message = html ? "a web page instead of Helicone's answer: " + Shorten(Redaction.Scrub(readable, key), 200) : readable;
        return error;
    }

    /// <summary>Reads an error of JSON; <see langword="false"/> when it is not JSON.</summary>
    private static bool TryFill(GatewayError error, ReadOnlySpan<byte> json, bool bareIsError)
    {
        // What begins with a digit is "404 page not found", not a number.
        int start = 0;
        while (start < json.Length && json[start] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
        {
            start++;
        }

        if (start == json.Length || json[start] is not ((byte)'{' or (byte)'[' or (byte)'"'))
        {
            return false;
        }

        try
        {
            // By way of a string, so that bytes which are not UTF-8 cost a character and not the error.
            using JsonDocument document = JsonDocument.Parse(Encoding.UTF8.GetString(json.Slice(start).ToArray()), s_json);
            if (!bareIsError && !IsError(document.RootElement))
            {
                return false;
            }

            Fill(error, document.RootElement);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool IsError(JsonElement root) =>
        root.ValueKind == JsonValueKind.Object
        && root.TryGetProperty("error", out JsonElement error)
        && error.ValueKind is JsonValueKind.Object or JsonValueKind.String;

    private static string Replace(Regex pattern, string text)
    {
        try
        {
            return pattern.Replace(text, " ");
        }
        catch (RegexMatchTimeoutException)
        {
            return text;
        }
    }

    private static void Fill(GatewayError error, JsonElement root)
    {
        if (root.ValueKind == JsonValueKind.String)
        {
            error.Message = String(root);
            return;
        }

        if (root.ValueKind == JsonValueKind.Array)
        {
            // Google wraps its errors in a list of one.
            if (root.GetArrayLength() > 0)
            {
                Fill(error, root[0]);
            }

            return;
        }

        if (root.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        if (root.TryGetProperty("error", out JsonElement inner) && inner.ValueKind == JsonValueKind.String)
        {
            error.Message = String(inner);
        }
        else if (inner.ValueKind == JsonValueKind.Object)
        {
            error.Message = Text(inner, "message");
            error.Code = Text(inner, "code");
            error.Type = Text(inner, "type");
            error.Status = inner.TryGetProperty("code", out JsonElement code) && code.ValueKind == JsonValueKind.Number && code.TryGetInt32(out int number) && number is >= 400 and < 600
                ? number
                : null;
            if (inner.TryGetProperty("details", out JsonElement details) && details.ValueKind == JsonValueKind.Array)
            {
                AddAttempts(error.Upstream, details);
            }
            else if (details.ValueKind == JsonValueKind.String && error.Message is not null)
            {
                error.Message += " " + String(details);
            }
        }

        // The worker's own exceptions, direct proxies, and what other servers in between like to answer.
        error.Message ??= Text(root, "helicone-message") is { } helicone
            ? helicone + (Text(root, "helicone-error") is { } cause ? ": " + cause : string.Empty)
            : Text(root, "message") ?? Text(root, "detail") ?? Text(root, "error_description");
        error.Type ??= Text(root, "trace");
    }

    private static void AddAttempts(List<UpstreamAttempt> upstream, JsonElement details)
    {
        foreach (JsonElement detail in details.EnumerateArray())
        {
            if (detail.ValueKind == JsonValueKind.Object && (detail.TryGetProperty("statusCode", out _) || detail.TryGetProperty("source", out _)))
            {
                upstream.Add(new UpstreamAttempt(
                    Text(detail, "source"),
                    detail.TryGetProperty("statusCode", out JsonElement status) && status.ValueKind == JsonValueKind.Number && status.TryGetInt32(out int value) ? value : null,
                    Text(detail, "type"),
                    Text(detail, "message")));
            }
        }
    }

    private static string? Text(JsonElement parent, string name)
    {
        if (!parent.TryGetProperty(name, out JsonElement value))
        {
            return null;
        }

        return value.ValueKind switch
        {
            JsonValueKind.String => String(value) is { Length: > 0 } text ? text : null,
            JsonValueKind.Null or JsonValueKind.Undefined => null,
            _ => value.GetRawText(),
        };
    }

    // Half of a surrogate pair, written as an escape, is text that .NET refuses to read.
    private static string? String(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return value.GetRawText();
        }
    }

    private static string Compose(int? status, GatewayError error, UpstreamAttempt? cause, TimeSpan? retryAfter, SecureString? key)
    {
        StringBuilder text = new();
        string? message = Clean(cause?.Message ?? error.Message, key);
        if (string.IsNullOrWhiteSpace(message))
        {
            text.Append(status is { } bare ? $"The server answered {bare} and said nothing more." : "The server reports an error and says nothing more.");
        }
        else
        {
            text.Append(message!.Trim().TrimEnd('.')).Append(status is { } code ? $" ({code})." : ".");
        }

        // A source is model/provider/…; the gateway also writes "No available providers" there.
        if (error.Upstream.Count == 1 && cause?.Source is { } source && source.IndexOf('/') > 0)
        {
            text.Append(" At ").Append(Clean(source, key)).Append('.');
        }
        else if (error.Upstream.Count > 1)
        {
            text.Append(" Tried:");
            foreach (UpstreamAttempt attempt in error.Upstream.GetRange(0, Math.Min(error.Upstream.Count, MaxSources)))
            {
                text.Append(' ').Append(Clean(attempt.Source, key) ?? "?").Append(" (").Append(attempt.StatusCode?.ToString(CultureInfo.InvariantCulture) ?? Clean(attempt.Type, key) ?? "?").Append("),");
            }

            text.Length--;
            text.Append('.');
        }

        if (retryAfter is { } wait && wait > TimeSpan.Zero)
        {
            text.Append(" The server asks to come back in ").Append(InWords(wait)).Append('.');
        }

        return text.ToString();
    }

    private static string InWords(TimeSpan wait) => wait switch
    {
        { TotalSeconds: < 1 } => FormattableString.Invariant($"{Math.Ceiling(wait.TotalMilliseconds):0} ms"),
        { TotalMinutes: < 2 } => FormattableString.Invariant($"{Math.Ceiling(wait.TotalSeconds):0} s"),
        { TotalHours: < 2 } => FormattableString.Invariant($"{Math.Ceiling(wait.TotalMinutes):0} min"),
        { TotalDays: < 2 } => FormattableString.Invariant($"{Math.Ceiling(wait.TotalHours):0} h"),
        _ => FormattableString.Invariant($"{Math.Ceiling(wait.TotalDays):0} days"),
    };

    private static List<UpstreamAttempt> Scrub(List<UpstreamAttempt> upstream, SecureString? key) =>
        upstream.ConvertAll(a => new UpstreamAttempt(Clean(a.Source, key), a.StatusCode, Clean(a.Type, key), Clean(a.Message, key)));

    // Masked before it is cut: half a key is still half a key.
    private static string? Clean(string? text, SecureString? key) => text is null ? null : Shorten(Redaction.Scrub(text, key), MaxMessageLength);

    private static string Shorten(string text, int length) => text.Length <= length ? text : text.Substring(0, length) + "…";

    private static TimeSpan? RetryAfter(HttpResponseHeaders headers, DateTimeOffset now, HeliconeErrorKind kind)
    {
        if (Seconds(Header(headers, "retry-after-ms"), 0.001) is { } milliseconds)
        {
            return milliseconds;
        }

        string? value = Header(headers, "Retry-After");
        if (Seconds(value, 1) is { } seconds)
        {
            return seconds;
        }

        if (value is not null && DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset date))
        {
            return Seconds((date - now).TotalSeconds);
        }

        return kind == HeliconeErrorKind.RateLimited ? Seconds(Header(headers, "Helicone-RateLimit-Reset"), 1) : null;
    }

    /// <summary>A number of seconds; <see langword="null"/> for what is none. Past times are now, absurd ones a year.</summary>
    private static TimeSpan? Seconds(string? value, double unit)
    {
        if (!double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) || double.IsNaN(number))
        {
            return null;
        }

        return Seconds(number * unit);
    }

    private static TimeSpan Seconds(double number) => TimeSpan.FromSeconds(Math.Min(Math.Max(number, 0), TimeSpan.FromDays(365).TotalSeconds));

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

    private readonly record struct Verdict(HeliconeErrorKind Kind, bool Transient);

    private sealed class GatewayError
    {
        internal string? Message { get; set; }

        internal string? Code { get; set; }

        internal string? Type { get; set; }

        internal int? Status { get; set; }

        internal List<UpstreamAttempt> Upstream { get; } = [];
    }
}
