using System;
using System.Collections.Generic;
using System.Text.RegularExpressions;

namespace Helicone.Errors;

/// <summary>Decides what an error is, and whether it can pass, from its status and its words.</summary>
/// <remarks>
/// The gateway reports most failures of a provider as 500; the truth is in <c>error.details[]</c> (worker SimpleAIGateway and ErrorForwarder).
/// </remarks>
internal static class ErrorClassifier
{
    // The deciding text is near the beginning. A body of 256 KB must not keep a pattern busy until it times out.
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

    // Google returns "exceeded your current quota" for limits that reset in a minute, OpenAI only for an empty account.
    private static readonly Regex s_passing = new(
        "RESOURCE_EXHAUSTED|retry in [0-9]|per[ _-]?minute",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant,
        s_matchTimeout);

    private static readonly Regex s_content = new(
        "PROMPT_FLAGGED_FOR_MODERATION|PROMPT_THREAT_DETECTED|content[_ ](filter|policy)|ResponsibleAIPolicyViolation|safety system",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant,
        s_matchTimeout);

    /// <summary>The attempt that decides: a transient one, or the first whose error is more than a missing configuration.</summary>
    internal static UpstreamAttempt? Cause(List<UpstreamAttempt> upstream)
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

    /// <summary>Judges a status together with the words that came with it.</summary>
    internal static ErrorVerdict Judge(int status, string? type, string? message)
    {
        string text = ErrorText.Shorten(type is null ? message ?? string.Empty : type + " " + message, MaxJudgedLength);
        if (status == 402 || (IsMatch(s_credit, text) && !(status == 429 && IsMatch(s_passing, text))))
        {
            return new ErrorVerdict(HeliconeErrorKind.InsufficientCredits, false);
        }

        switch (status)
        {
            case 401:
                return new ErrorVerdict(HeliconeErrorKind.Unauthenticated, false);
            case 403:
                return new ErrorVerdict(IsMatch(s_content, text) ? HeliconeErrorKind.ContentBlocked : HeliconeErrorKind.Forbidden, false);
            case 408 or 409 or 425:
                return new ErrorVerdict(HeliconeErrorKind.UpstreamFailed, true);
            case 429:
                return new ErrorVerdict(HeliconeErrorKind.RateLimited, true);
            case 501 or 505:
                return new ErrorVerdict(HeliconeErrorKind.UpstreamFailed, false);
        }

        if (type == GatewayErrorReader.LogUnavailable)
        {
            return new ErrorVerdict(HeliconeErrorKind.UpstreamFailed, false);
        }

        if (status >= 500)
        {
            // The gateway and its worker also return 500 for requests that can never succeed.
            if (text.Contains("bucket size cannot be greater"))
            {
                return new ErrorVerdict(HeliconeErrorKind.InvalidRequest, false);
            }

            if (text.IndexOf("no available providers", StringComparison.OrdinalIgnoreCase) >= 0 || type is "model_not_supported")
            {
                return new ErrorVerdict(HeliconeErrorKind.ModelNotFound, false);
            }

            return type is "missing_provider_key"
                ? new ErrorVerdict(HeliconeErrorKind.Unauthenticated, false)
                : new ErrorVerdict(HeliconeErrorKind.UpstreamFailed, !text.Contains("PEYEEYE_MISCONFIGURED"));
        }

        if (IsMatch(s_content, text))
        {
            return new ErrorVerdict(HeliconeErrorKind.ContentBlocked, false);
        }

        if (IsMatch(s_context, text))
        {
            return new ErrorVerdict(HeliconeErrorKind.ContextTooLong, false);
        }

        if (type is "missing_provider_key")
        {
            return new ErrorVerdict(HeliconeErrorKind.Unauthenticated, false);
        }

        return new ErrorVerdict(IsMatch(s_model, text) ? HeliconeErrorKind.ModelNotFound : HeliconeErrorKind.InvalidRequest, false);
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

    /// <summary>The status of an error inside a 200; <see langword="null"/> if its type doesn't determine one.</summary>
    internal static int? StatusOf(GatewayError error) => (error.Type ?? error.Code) switch
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
}
