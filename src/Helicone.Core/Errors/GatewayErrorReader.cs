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
    private const int MaxMessageLength = 2000;
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

    private static readonly Regex s_content = new(
        "PROMPT_FLAGGED_FOR_MODERATION|PROMPT_THREAT_DETECTED|content[_ ](filter|policy)|ResponsibleAIPolicyViolation|safety system",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant,
        s_matchTimeout);

    private static readonly Regex s_markup = new("<[^>]{0,500}>|\\s+", RegexOptions.CultureInvariant, s_matchTimeout);

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

        GatewayError error = Parse(body);
        return Build(status, error, headers, now, key);
    }

    /// <summary>Reads an <c>error</c> that came inside a 200: in a stream's event, or instead of an answer.</summary>
    internal static HeliconeException ReadInBand(JsonElement root, string? requestId, SecureString? key)
    {
        GatewayError error = new();
        Fill(error, root);
        int status = error.Status ?? StatusOfType(error) ?? 500;
        return Build(status, error, null, default, key, requestId);
    }

    /// <summary>Whether a JSON document is an error rather than an answer.</summary>
    internal static bool IsError(JsonElement root) =>
        root.ValueKind == JsonValueKind.Object
        && root.TryGetProperty("error", out JsonElement error)
        && error.ValueKind is JsonValueKind.Object or JsonValueKind.String;

    private static HeliconeException Redirected(int status, HttpResponseHeaders headers, SecureString? key)
    {
        string target = headers.Location is { } location ? Redaction.Scrub(location.ToString(), key) : "an address that it does not name";
        return new HeliconeException(HeliconeErrorKind.InvalidRequest, $"The server redirects ({status}) to {target}. Redirects are not followed: neither the key nor the prompt goes there.")
        {
            StatusCode = status,
            RequestId = Header(headers, "Helicone-Id"),
        };
    }

    private static HeliconeException Build(int status, GatewayError error, HttpResponseHeaders? headers, DateTimeOffset now, SecureString? key, string? requestId = null)
    {
        Verdict verdict = Judge(status, error.Type ?? error.Code, error.Message);
        UpstreamAttempt? cause = Cause(error.Upstream);
        if (cause is not null)
        {
            // The gateway's own words stay for what is the gateway's own doing: its rate limit and its key.
            verdict = Judge(cause.StatusCode ?? status, cause.Type, cause.Message ?? error.Message);
            status = cause.StatusCode ?? status;
        }

        bool transient = verdict.Transient;
        switch (Header(headers, "x-should-retry"))
        {
            case "true":
                transient = true;
                break;
            case "false":
                transient = false;
                break;
        }

        return new HeliconeException(verdict.Kind, Compose(status, error, cause, key))
        {
            StatusCode = status,
            Code = error.Code ?? error.Type,
            RequestId = requestId ?? Header(headers, "Helicone-Id"),
            RetryAfter = headers is null ? null : RetryAfter(headers, now, verdict.Kind),
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
        string text = type is null ? message ?? string.Empty : type + " " + message;
        if (status == 402 || s_credit.IsMatch(text))
        {
            return new Verdict(HeliconeErrorKind.InsufficientCredits, false);
        }

        switch (status)
        {
            case 401:
                return new Verdict(HeliconeErrorKind.Unauthenticated, false);
            case 403:
                return new Verdict(s_content.IsMatch(text) ? HeliconeErrorKind.ContentBlocked : HeliconeErrorKind.Forbidden, false);
            case 408 or 409 or 425:
                return new Verdict(HeliconeErrorKind.UpstreamFailed, true);
            case 429:
                return new Verdict(HeliconeErrorKind.RateLimited, true);
            case 501 or 505:
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

        if (s_content.IsMatch(text))
        {
            return new Verdict(HeliconeErrorKind.ContentBlocked, false);
        }

        if (s_context.IsMatch(text))
        {
            return new Verdict(HeliconeErrorKind.ContextTooLong, false);
        }

        if (type is "missing_provider_key")
        {
            return new Verdict(HeliconeErrorKind.Unauthenticated, false);
        }

        return new Verdict(s_model.IsMatch(text) ? HeliconeErrorKind.ModelNotFound : HeliconeErrorKind.InvalidRequest, false);
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

    private static GatewayError Parse(ReadOnlySpan<byte> body)
    {
        GatewayError error = new();
        ReadOnlySpan<byte> json = body.Length >= 3 && body[0] == 0xEF && body[1] == 0xBB && body[2] == 0xBF ? body.Slice(3) : body;
        Utf8JsonReader reader = new(json);
        try
        {
            if (JsonDocument.TryParseValue(ref reader, out JsonDocument? document))
            {
                using (document)
                {
                    Fill(error, document!.RootElement);
                    return error;
                }
            }
        }
        catch (JsonException)
        {
            // Not JSON: plain text is one of the shapes.
        }

        string text = Encoding.UTF8.GetString(json.Slice(0, Math.Min(json.Length, 16 * 1024)).ToArray());
        bool html = text.TrimStart().StartsWith("<", StringComparison.Ordinal);
        string readable = s_markup.Replace(text, " ").Trim();
        error.Message = html ? "a web page instead of Helicone's answer: " + Shorten(s_markup.Replace(readable, " "), 200) : readable;
        return error;
    }

    private static void Fill(GatewayError error, JsonElement root)
    {
        if (root.ValueKind == JsonValueKind.String)
        {
            error.Message = root.GetString();
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
            error.Message = inner.GetString();
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
                foreach (JsonElement detail in details.EnumerateArray())
                {
                    if (detail.ValueKind == JsonValueKind.Object && (detail.TryGetProperty("statusCode", out _) || detail.TryGetProperty("source", out _)))
                    {
                        error.Upstream.Add(new UpstreamAttempt(
                            Text(detail, "source"),
                            detail.TryGetProperty("statusCode", out JsonElement status) && status.ValueKind == JsonValueKind.Number && status.TryGetInt32(out int value) ? value : null,
                            Text(detail, "type"),
                            Text(detail, "message")));
                    }
                }
            }
            else if (details.ValueKind == JsonValueKind.String && error.Message is not null)
            {
                error.Message += " " + details.GetString();
            }
        }

        // The worker's own exceptions, direct proxies, and what other servers in between like to answer.
        error.Message ??= Text(root, "helicone-message") is { } helicone
            ? helicone + (Text(root, "helicone-error") is { } cause ? ": " + cause : string.Empty)
            : Text(root, "message") ?? Text(root, "detail") ?? Text(root, "error_description");
        error.Type ??= Text(root, "trace");
    }

    private static string? Text(JsonElement parent, string name)
    {
        if (!parent.TryGetProperty(name, out JsonElement value))
        {
            return null;
        }

        return value.ValueKind switch
        {
            JsonValueKind.String => value.GetString() is { Length: > 0 } text ? text : null,
            JsonValueKind.Null or JsonValueKind.Undefined => null,
            _ => value.GetRawText(),
        };
    }

    private static string Compose(int status, GatewayError error, UpstreamAttempt? cause, SecureString? key)
    {
        StringBuilder text = new();
        string? message = cause?.Message ?? error.Message;
        text.Append(string.IsNullOrWhiteSpace(message) ? $"The server answered {status} and said nothing more." : $"{Shorten(message!.Trim(), MaxMessageLength).TrimEnd('.')} ({status}).");
        if (error.Upstream.Count == 1 && cause?.Source is { } source)
        {
            text.Append(" At ").Append(source).Append('.');
        }
        else if (error.Upstream.Count > 1)
        {
            text.Append(" Tried:");
            foreach (UpstreamAttempt attempt in error.Upstream)
            {
                text.Append(' ').Append(attempt.Source ?? "?").Append(" (").Append(attempt.StatusCode?.ToString(CultureInfo.InvariantCulture) ?? attempt.Type ?? "?").Append("),");
            }

            text.Length--;
            text.Append('.');
        }

        return Redaction.Scrub(text.ToString(), key);
    }

    private static List<UpstreamAttempt> Scrub(List<UpstreamAttempt> upstream, SecureString? key) =>
        upstream.ConvertAll(a => a with { Message = a.Message is null ? null : Redaction.Scrub(a.Message, key) });

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
            return date > now ? date - now : TimeSpan.Zero;
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

        return TimeSpan.FromSeconds(Math.Min(Math.Max(number * unit, 0), TimeSpan.FromDays(365).TotalSeconds));
    }

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
