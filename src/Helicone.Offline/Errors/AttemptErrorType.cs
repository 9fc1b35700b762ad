namespace Helicone.Offline.Errors;

/// <summary>The words of <c>details[].type</c>. A client matches on them, so they are Helicone's own.</summary>
internal static class AttemptErrorType
{
    public const string InvalidFormat = "invalid_format";
    public const string MissingProviderKey = "missing_provider_key";
    public const string RequestFailed = "request_failed";
    public const string InsufficientCreditLimit = "insufficient_credit_limit";
    public const string Disallowed = "disallowed";
    public const string RateLimited = "rate_limited";
}
