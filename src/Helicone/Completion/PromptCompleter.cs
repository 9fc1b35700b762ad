using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;
using Helicone.Runtime;
using Helicone.Transformation;

namespace Helicone.Completion;

/// <summary>Completes the names of prompt files.</summary>
public sealed class PromptCompleter : IArgumentCompleter
{
    private const string Description = "description:";
    private const int LinesToSearch = 10;

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            // A completer isn't a cmdlet: the current location comes from the runspace.
            EngineIntrinsics engine = (EngineIntrinsics)ScriptBlock.Create("$ExecutionContext").Invoke()[0].BaseObject;
            IEnumerable<string>? folders = PlainValue.Unwrap(fakeBoundParameters["Path"]) switch
            {
                string folder => [folder],
                IEnumerable list => list.Cast<object?>().Select(static folder => folder?.ToString()).OfType<string>(),
                _ => null,
            };
            return CompletionText.Matching(
                wordToComplete,
                new PromptFolders(engine.SessionState.Path, folders).Files().Select(static file => new KeyValuePair<string, string>(file.Key, Describe(file.Value))));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or RuntimeException or ArgumentException)
        {
            // A Tab has no way to report it. The command does.
            return [];
        }
    }

    // Reading YAML would load a library for a tooltip.
    private static string Describe(string file)
    {
        string? line = File.ReadLines(file).Take(LinesToSearch).FirstOrDefault(static line => line.StartsWith(Description, StringComparison.OrdinalIgnoreCase));
        return line is null ? string.Empty : TerminalText.ShowLine(line.Substring(Description.Length).Trim().Trim('"', '\''));
    }
}
