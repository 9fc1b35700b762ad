using System;
using System.Collections;
using System.Collections.Generic;

namespace Helicone.Transformation;

/// <summary>The headers that a user adds to a call.</summary>
internal sealed class CallHeaders
{
    // The name in Helicone's own LiteLLM guide. No server reads it, so whoever copies it has no limit and doesn't notice.
    private const string MisspeltRateLimit = "Helicone-Rate-Limit-Policy";
    private const string RateLimitHeader = "Helicone-RateLimit-Policy";

    private CallHeaders(IReadOnlyDictionary<string, string> values) => Values = values;

    /// <summary>The headers by name.</summary>
    public IReadOnlyDictionary<string, string> Values { get; }

    /// <summary>The text of a rate limit that was passed as a header.</summary>
    public string? RateLimit { get; private set; }

    /// <summary>Something that is allowed and certainly not what the user wants.</summary>
    public string? Warning { get; private set; }

    /// <summary>Indicates whether one of the headers carries a key. Its value must not become the target of an error.</summary>
    public bool HasKey { get; private set; }

    /// <exception cref="FormatException">A value is missing or is not one plain value.</exception>
    public static CallHeaders From(IDictionary headers)
    {
        Dictionary<string, string> values = PropertyValues.Read(headers, "header");
        CallHeaders read = new(values) { HasKey = values.ContainsKey("Authorization") || values.ContainsKey("Helicone-Auth") };
        if (values.ContainsKey(MisspeltRateLimit))
        {
            read.Warning = $"No server reads the header '{MisspeltRateLimit}': there will be no limit. It is spelt '{RateLimitHeader}', and -RateLimitPolicy checks its value.";
        }

        if (values.TryGetValue(RateLimitHeader, out string? limit))
        {
            read.RateLimit = limit;
        }

        return read;
    }

    /// <summary>The headers without the rate limit, which is checked and sent as a policy.</summary>
    public IReadOnlyDictionary<string, string> WithoutRateLimit()
    {
        Dictionary<string, string> values = new(StringComparer.OrdinalIgnoreCase);
        foreach (KeyValuePair<string, string> header in Values)
        {
            if (!header.Key.Equals(RateLimitHeader, StringComparison.OrdinalIgnoreCase))
            {
                values[header.Key] = header.Value;
            }
        }

        return values;
    }
}
