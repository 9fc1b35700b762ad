using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;

namespace Helicone.Offline;

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

    /// <summary>Which answer of the conversation is wanted, 1 for the first.</summary>
    public int? Turn { get; init; }

    /// <summary>What one of the results of tools at the end of the conversation has in it, in any case. Empty for any result.</summary>
    public string? ToolResultContains { get; init; }

    public Regex? ToolResultRegex { get; init; }

    /// <summary>Names of tools that are offered, all of them, with <c>*</c> for any part of one.</summary>
    public IReadOnlyList<string> Tools { get; init; } = [];

    /// <param name="request">The call.</param>
    /// <param name="inConversation">Whether a prompt before the last one will do, as it must for answers that belong to one another.</param>
    /// <param name="match">What the regular expression found, for the template.</param>
    /// <param name="step">How many answers the conversation has since the prompt.</param>
    /// <exception cref="RegexMatchTimeoutException">It would take forever.</exception>
    public bool Fits(OfflineRequest request, bool inConversation, out Match? match, out int step)
    {
        match = null;
        step = request.Turn - 1;
        if ((Model is not null && !IsLike(request.Model, Model)) ||
            (Stream is { } stream && stream != request.IsStreaming) ||
            (Turn is { } turn && turn != request.Turn) ||
            !HaveValues(request, PropertyPrefix, Properties) ||
            !HaveValues(request, string.Empty, Headers) ||
            (Tools.Count > 0 && !Tools.All(wanted => request.ToolNames().Any(name => IsLike(name, wanted)))) ||
            !FitsToolResult(request, ref match))
        {
            return false;
        }

        if (PromptContains is null && PromptRegex is null)
        {
            return true;
        }

        foreach ((string text, int answers) in inConversation ? request.Prompts() : [(request.Heard, step)])
        {
            Match? found = PromptRegex?.Match(text);
            if (found is { Success: false } || (PromptContains is not null && !text.Contains(PromptContains, StringComparison.OrdinalIgnoreCase)))
            {
                continue;
            }

            match = found ?? match;
            step = answers;
            return true;
        }

        return false;
    }

    private bool FitsToolResult(OfflineRequest request, ref Match? match)
    {
        if (ToolResultContains is not null)
        {
            return request.ToolResults.Any(result => result.Contains(ToolResultContains, StringComparison.OrdinalIgnoreCase));
        }

        if (ToolResultRegex is null)
        {
            return true;
        }

        match = request.ToolResults.Select(result => ToolResultRegex.Match(result)).FirstOrDefault(static found => found.Success);
        return match is not null;
    }

    private static bool HaveValues(OfflineRequest request, string prefix, IReadOnlyList<KeyValuePair<string, string>> values)
    {
        foreach (KeyValuePair<string, string> value in values)
        {
            if (request.Header(prefix + value.Key) is not { } found || !IsLike(found, value.Value))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsLike(string text, string pattern) => SimpleExpression.Fits(text, pattern);
}
