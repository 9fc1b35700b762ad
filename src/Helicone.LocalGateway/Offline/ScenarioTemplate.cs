using System;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;

namespace Helicone.LocalGateway.Offline;

/// <summary>A text with places for parts of the call: <c>{{model}}</c>, <c>{{prompt}}</c>, <c>{{property:Team}}</c> …</summary>
internal sealed partial class ScenarioTemplate
{
    private const string Known = "model, prompt, user, session, count, toolResult, property:<name>, header:<name> and match:<group>";

    private readonly string _text;

    private ScenarioTemplate(string text) => _text = text;

    /// <exception cref="FormatException">It has a place for something that there is not.</exception>
    public static ScenarioTemplate Parse(string text)
    {
        foreach (Match place in Place().Matches(text).Cast<Match>())
        {
            string name = place.Groups[1].Value;
            string argument = place.Groups[2].Value;
            bool isKnown = name is "model" or "prompt" or "user" or "session" or "count" or "toolResult"
                ? argument.Length == 0
                : name is "property" or "header" or "match" && argument.Length > 0;
            if (!isKnown)
            {
                throw new FormatException($"There is nothing to put in place of '{place.Value}': it can be {Known}.");
            }

            if (name == "header" && argument.Equals("Authorization", StringComparison.OrdinalIgnoreCase))
            {
                throw new FormatException("An answer must not repeat the gateway's key.");
            }
        }

        return new ScenarioTemplate(text);
    }

    /// <summary>The text for one call. What the call does not have is empty.</summary>
    /// <param name="request">The call.</param>
    /// <param name="match">What the scenario's regular expression found.</param>
    /// <param name="count">How many calls the scenario has answered, this one included.</param>
    public string Fill(OfflineRequest request, Match? match, int count) => Place().Replace(_text, place => place.Groups[1].Value switch
    {
        "model" => request.Model,
        "prompt" => request.Heard,
        "user" => request.Headers["Helicone-User-Id"].ToString(),
        "session" => request.Headers["Helicone-Session-Id"].ToString(),
        "toolResult" => request.ToolResults.Count == 0 ? string.Empty : request.ToolResults[^1],
        "count" => count.ToString(CultureInfo.InvariantCulture),
        "property" => request.Headers["Helicone-Property-" + place.Groups[2].Value].ToString(),
        "header" => request.Headers[place.Groups[2].Value].ToString(),
        _ => match?.Groups[place.Groups[2].Value].Value ?? string.Empty,
    });

    [GeneratedRegex(@"\{\{\s*([a-zA-Z]+)\s*(?::\s*([^{}\s]+)\s*)?\}\}")]
    private static partial Regex Place();
}
