using System;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Completion;
using Helicone.Errors;
using Helicone.Prompts;
using Helicone.Runtime;
using Helicone.Transformation;

namespace Helicone.Commands;

/// <summary>Gets prompt files. A file that isn't valid is an error that names its line and column, and the others go on.</summary>
[Cmdlet(VerbsCommon.Get, "HeliconePrompt")]
[OutputType(typeof(PromptFile))]
public sealed class GetHeliconePromptCommand : HeliconeCommand
{
    /// <summary>The names of the prompts.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(PromptCompleter))]
    public string[] Name { get; set; } = ["*"];

    /// <summary>The folders with the prompt files.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? Path { get; set; }

    private protected override object? Target => Name;

    private protected override Task EndProcessingAsync(CancellationToken cancellationToken)
    {
        PromptFolders folders = Valid(() => new PromptFolders(SessionState.Path, Path), Path, InvalidInput.File);
        foreach (string name in Name)
        {
            bool isPattern = WildcardPattern.ContainsWildcardCharacters(name);
            string[] files = isPattern ? Valid(() => folders.Matching(name).ToArray(), name, InvalidInput.Wildcard) : folders.Find(name) is { } file ? [file] : [];
            if (files.Length == 0 && !isPattern)
            {
                WriteError(ErrorRecords.PromptNotFound(folders.Describe(name), name));
            }

            foreach (string path in files)
            {
                if (TryRead(() => Read(path), path, InvalidInput.PromptFile, out PromptFile? prompt))
                {
                    WriteObject(prompt);
                }
            }
        }

        return Task.CompletedTask;
    }

    private static PromptFile Read(string path)
    {
        try
        {
            PromptFile prompt = PromptFile.Load(path);
            prompt.Check(ShapeArgument.Options());
            return prompt;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"The prompt file '{path}' can't be read: {e.Message}", e);
        }
    }
}
