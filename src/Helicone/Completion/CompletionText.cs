using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;
using Helicone.Connections;
using Helicone.Registry;
using Helicone.Runtime;

namespace Helicone.Completion;

/// <summary>What the completers share: the registry as it is cached, and quoting.</summary>
internal static class CompletionText
{
    /// <summary>The models that memory, disk, or the module has. A key press never waits for the network, and refreshes them for the next one.</summary>
    public static IReadOnlyList<ModelInfo> CachedModels()
    {
        RunspaceState state = RunspaceState.Current;
        try
        {
            HeliconeConnection connection = state.Connection
                ?? (EnvironmentVariables.Get(EnvironmentVariables.ApiKey) is { } key ? state.ConnectFromEnvironment(key) : state.ConnectAnonymously());
            return connection.Client.Models.GetForCompletion().Models;
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            // The environment contains a key or an address that isn't valid. The next cmdlet reports it; Tab completion can't.
            return [];
        }
    }

    /// <summary>The words that begin with what was typed, once each, in their order.</summary>
    public static CompletionResult[] Matching(string typed, IEnumerable<KeyValuePair<string, string>> words)
    {
        string start = typed.Trim('\'', '"');
        HashSet<string> seen = new(StringComparer.OrdinalIgnoreCase);
        return words
            .Where(word => word.Key.StartsWith(start, StringComparison.OrdinalIgnoreCase) && IsPlain(word.Key) && seen.Add(word.Key))
            .Select(word => new CompletionResult(Quote(word.Key), word.Key, CompletionResultType.ParameterValue, word.Value.Length == 0 ? word.Key : TerminalText.ShowLine(word.Value)))
            .ToArray();
    }

    /// <summary>The names that begin with what was typed, each as a hashtable with its value.</summary>
    public static CompletionResult[] Hashtables(string typed, IEnumerable<KeyValuePair<string, string>> pairs)
    {
        string start = typed.TrimStart('@', '{', ' ', '\'', '"');
        return pairs
            .Where(pair => pair.Key.StartsWith(start, StringComparison.OrdinalIgnoreCase) && IsPlain(pair.Key) && IsPlain(pair.Value))
            .Select(static pair => $"@{{ {Name(pair.Key)} = '{CodeGeneration.EscapeSingleQuotedStringContent(pair.Value)}' }}")
            .Select(static text => new CompletionResult(text, text, CompletionResultType.ParameterValue, text))
            .ToArray();
    }

    private static string Name(string name) =>
        char.IsLetter(name[0]) && name.All(static c => char.IsLetterOrDigit(c) || c == '_') ? name : "'" + CodeGeneration.EscapeSingleQuotedStringContent(name) + "'";

    // What is completed goes to the terminal as it is, and to the gateway when the line is run: no name of anything has control characters.
    private static bool IsPlain(string word) => word.Length > 0 && TerminalText.ShowLine(word) == word;

    // The words come from a registry, and what is between them and the next one would run. PowerShell has five single quotes, not one.
    private static string Quote(string word) =>
        word[0] != '-' && word.All(c => char.IsLetterOrDigit(c) || c is '-' or '.' or '/' or '_' or ':')
            ? word
            : "'" + CodeGeneration.EscapeSingleQuotedStringContent(word) + "'";
}
