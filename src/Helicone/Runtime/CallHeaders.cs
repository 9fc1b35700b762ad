using System;
using System.Collections;
using System.Collections.Generic;
using Helicone.Attribution;
using Helicone.Commands;
using Helicone.Errors;
using Helicone.Transformation;

namespace Helicone.Runtime;

/// <summary>The value of -Header: any other header of a call.</summary>
internal static class CallHeaders
{
    // The name in Helicone's own LiteLLM guide. No server reads it, so whoever copies it has no limit and doesn't notice.
    private const string MisspeltRateLimit = "Helicone-Rate-Limit-Policy";
    private const string RateLimitHeader = "Helicone-RateLimit-Policy";

    /// <summary>The headers by name. A rate limit among them becomes the call's policy, which is checked, unless it has one.</summary>
    public static IReadOnlyDictionary<string, string>? Read(HeliconeCommand cmdlet, IDictionary? header, ref RateLimitPolicy? limit)
    {
        if (header is null)
        {
            return null;
        }

        Dictionary<string, string> headers = cmdlet.Valid(() => PropertyArgument.Read(header, "header"), header, InvalidInput.Header);
        if (headers.ContainsKey(MisspeltRateLimit))
        {
            cmdlet.WriteWarning($"No server reads the header '{MisspeltRateLimit}', so there is no limit. Use -RateLimitPolicy, which sends the header '{RateLimitHeader}' and validates its value.");
        }

        if (limit is null && headers.TryGetValue(RateLimitHeader, out string? text))
        {
            headers.Remove(RateLimitHeader);
            limit = cmdlet.Valid(() => RateLimitPolicy.Parse(text), text, InvalidInput.RateLimitPolicy);
        }

        if (headers.ContainsKey("Authorization") || headers.ContainsKey("Helicone-Auth"))
        {
            // The value is a key: not even the hashtable may become the target of an error record.
            cmdlet.ThrowTerminatingError(ErrorRecords.Invalid(
                InvalidInput.Header,
                new FormatException("The key can't be set in a header. Set it with Connect-Helicone -ApiKey."),
                "Authorization"));
        }

        return headers;
    }
}
