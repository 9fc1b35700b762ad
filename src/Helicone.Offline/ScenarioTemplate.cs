using System;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;

namespace Helicone.Offline;

/// <summary>A text with places for parts of the call: <c>{{model}}</c>, <c>{{prompt}}</c>, <c>{{property:Team}}</c> …</summary>
internal sealed class ScenarioTemplate
{
    private const string Known = "model, prompt, user, session, count, toolResult, property:<name>, header:<name> and match:<group>";

    private static readonly Regex s_place = new(@"\{\{\s*([a-zA-Z]+)\s*(?::\s*([^{}\s]+)\s*)?\}\}", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    private readonly string _text;

    private ScenarioTemplate(string text) => _text = text;

    /// <exception cref="FormatException">It has a place for something that there is not.</exception>
    public static ScenarioTemplate Parse(string text)
    {
        foreach (Match place in s_place.Matches(text).Cast<Match>())
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
    public string Fill(OfflineRequest request, Match? match, int count) => s_place.Replace(_text, place => place.Groups[1].Value switch
    {
        "model" => request.Model,
        "prompt" => request.Heard,
        "user" => request.Header("Helicone-User-Id") ?? string.Empty,
        "session" => request.Header("Helicone-Session-Id") ?? string.Empty,
        "toolResult" => request.ToolResults.Count == 0 ? string.Empty : request.ToolResults[^1],
        "count" => count.ToString(CultureInfo.InvariantCulture),
        "property" => request.Header("Helicone-Property-" + place.Groups[2].Value) ?? string.Empty,
        "header" => request.Header(place.Groups[2].Value) ?? string.Empty,
        _ => match?.Groups[place.Groups[2].Value].Value ?? string.Empty,
    });
}
