using System.Collections.Generic;

namespace Helicone.Prompts;

/// <summary>An input of a prompt file: a variable of its template.</summary>
/// <param name="Name">The name of the variable.</param>
/// <param name="Type">The type.</param>
public sealed record PromptInput(string Name, PromptInputType Type = PromptInputType.Text)
{
    /// <summary>The description; <see langword="null"/> when there is none.</summary>
    public string? Description { get; init; }

    /// <summary>The value that applies when no other is given; <see langword="null"/> when there is none.</summary>
    public object? Default { get; init; }

    /// <summary>Indicates whether a value must be given: the input has no default and isn't marked as optional.</summary>
    public bool IsRequired { get; init; } = true;

    /// <summary>The values that are allowed; empty when any is.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>The line of the file that declares the input, from 1; 0 when it isn't from a file.</summary>
    public int Line { get; init; }

    /// <summary>The column of the declaration, from 1; 0 when it isn't from a file.</summary>
    public int Column { get; init; }

    /// <summary>The name, for lists of inputs.</summary>
    public override string ToString() => Name;
}
