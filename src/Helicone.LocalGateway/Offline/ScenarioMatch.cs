using System;
using System.Collections.Generic;
using System.IO.Enumeration;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace Helicone.LocalGateway.Offline;

/// <summary>Which calls a scenario is for. All that is said must be so; nothing said is every call.</summary>
internal sealed record ScenarioMatch
{
    private const string PropertyPrefix = "Helicone-Property-";

    /// <summary>The model in a route, with <c>*</c> for any part of it.</summary>
    public string? Model { get; init; }

    /// <summary>What the last message of the user has in it, in any case.</summary>
    public string? PromptContains { get; init; }

    public Regex? PromptRegex { get; init; }

    /// <summary>Values of <c>Helicone-Property-*</c>, with <c>*</c> for any part of one.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Properties { get; init; } = [];

    /// <summary>Values of headers, likewise.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Whether a stream is wanted.</summary>
    public bool? Stream { get; init; }

    /// <param name="request">The call.</param>
    /// <param name="match">What the regular expression found, for the template.</param>
    /// <exception cref="RegexMatchTimeoutException">It would take forever.</exception>
    public bool Fits(OfflineRequest request, out Match? match)
    {
        match = null;
        if ((Model is not null && !IsLike(request.Model, Model)) ||
            (Stream is { } stream && stream != request.IsStreaming) ||
            (PromptContains is not null && !request.Heard.Contains(PromptContains, StringComparison.OrdinalIgnoreCase)) ||
            !HaveValues(request.Headers, PropertyPrefix, Properties) ||
            !HaveValues(request.Headers, string.Empty, Headers))
        {
            return false;
        }

        match = PromptRegex?.Match(request.Heard);
        return match is null or { Success: true };
    }

    private static bool HaveValues(IHeaderDictionary headers, string prefix, IReadOnlyList<KeyValuePair<string, string>> values)
    {
        foreach (KeyValuePair<string, string> value in values)
        {
            if (!headers.TryGetValue(prefix + value.Key, out Microsoft.Extensions.Primitives.StringValues found) || !IsLike(found.ToString(), value.Value))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsLike(string text, string pattern) => FileSystemName.MatchesSimpleExpression(pattern, text, ignoreCase: true);
}
