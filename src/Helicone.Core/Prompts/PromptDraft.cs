using System.Collections.Generic;

namespace Helicone.Prompts;

/// <summary>The content of a new prompt file.</summary>
/// <param name="Template">The prompt, a Liquid template.</param>
public sealed record PromptDraft(string Template)
{
    /// <summary>The description.</summary>
    public string? Description { get; init; }

    /// <summary>The model, or a chain of models.</summary>
    public string? Model { get; init; }

    /// <summary>Randomness, 0 to 2.</summary>
    public double? Temperature { get; init; }

    /// <summary>The maximum number of tokens of the answer.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>The system prompt, a Liquid template.</summary>
    public string? System { get; init; }

    /// <summary>The inputs. When <see langword="null"/>, each variable of the templates becomes a required text.</summary>
    public IReadOnlyList<PromptInput>? Inputs { get; init; }

    /// <summary>The shape of the answer: plain values, lists, and dictionaries.</summary>
    public object? Schema { get; init; }

    /// <summary>The names of the commands that the model may call.</summary>
    public IReadOnlyList<string> Tools { get; init; } = [];
}
