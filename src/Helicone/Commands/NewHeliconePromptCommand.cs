using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Completion;
using Helicone.Errors;
using Helicone.Prompts;
using Helicone.Runtime;
using Helicone.Transformation;

namespace Helicone.Commands;

/// <summary>Creates a prompt file.</summary>
[Cmdlet(VerbsCommon.New, "HeliconePrompt", SupportsShouldProcess = true)]
[OutputType(typeof(PromptFile))]
public sealed class NewHeliconePromptCommand : HeliconeCommand
{
    /// <summary>The name of the prompt.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>The prompt, a Liquid template. Its variables become required inputs.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string Template { get; set; } = string.Empty;

    /// <summary>The system prompt, a Liquid template.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? System { get; set; }

    /// <summary>The description.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Description { get; set; }

    /// <summary>The model, or a chain of models.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ModelCompleter))]
    public string[]? Model { get; set; }

    /// <summary>Randomness, 0 to 2.</summary>
    [Parameter]
    [ValidateRange(0.0, 2.0)]
    public double? Temperature { get; set; }

    /// <summary>The maximum number of tokens of the answer.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? MaxTokens { get; set; }

    /// <summary>The shape of the answer: a hashtable of names and types, or a JSON Schema as a hashtable.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? Schema { get; set; }

    /// <summary>The folder. The first folder with prompts when left out; it is created when it doesn't exist.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? Path { get; set; }

    /// <summary>Replaces a file that exists.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override object? Target => Name;

    private protected override Task EndProcessingAsync(CancellationToken cancellationToken)
    {
        string folder = Valid(() => new PromptFolders(SessionState.Path, Path), Path, InvalidInput.File).Folders[0];
        foreach (string name in Name)
        {
            Create(name, folder);
        }

        return Task.CompletedTask;
    }

    private void Create(string name, string folder)
    {
        if (!name.All(static c => char.IsLetterOrDigit(c) || c is '-' or '_' or '.') || !char.IsLetterOrDigit(name[0]))
        {
            ThrowTerminatingError(ErrorRecords.Invalid(InvalidInput.PromptFile, new FormatException($"The name '{name}' of a prompt isn't valid. Use letters, digits, '-', '_', and '.'."), name));
        }

        string path = global::System.IO.Path.Combine(folder, name + PromptFile.Extension);
        string text = Valid(() => PromptFile.Compose(Draft(), path), Template, InvalidInput.PromptFile);
        if (File.Exists(path) && !Force)
        {
            ThrowTerminatingError(ErrorRecords.Invalid(InvalidInput.PromptFile, new FormatException($"The prompt file '{path}' exists. To replace it, use -Force."), name));
        }

        if (!ShouldProcess(path, "Create prompt file"))
        {
            return;
        }

        try
        {
            _ = Directory.CreateDirectory(folder);
            File.WriteAllText(path, text, new UTF8Encoding(false));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            ThrowTerminatingError(ErrorRecords.Invalid(InvalidInput.File, e, path));
        }

        WriteObject(PromptFile.Load(path));
    }

    private PromptDraft Draft() => new(Template)
    {
        System = System,
        Description = Description,
        Model = Model is null ? null : string.Join(",", Model),
        Temperature = Temperature,
        MaxTokens = MaxTokens,
        Schema = Schema is null ? null : TypeNames(PlainValue.From(Schema, "Schema")),
    };

    // A type has no form in a file. The names in a shape are PowerShell's, such as 'int' and 'datetime'.
    private static object? TypeNames(object? value) => value switch
    {
        Type type => type == typeof(long) ? "long" : type == typeof(int) ? "int" : type == typeof(bool) ? "bool" : type.Name.ToLowerInvariant(),
        Dictionary<string, object?> members => members.ToDictionary(static member => member.Key, static member => TypeNames(member.Value)),
        List<object?> items => items.ConvertAll(TypeNames),
        _ => value,
    };
}
