using System.Collections.Generic;
using System.Linq;

namespace Helicone.Prompts;

/// <summary>The text of a template, with its place in the file.</summary>
/// <param name="text">The text.</param>
/// <param name="path">The file.</param>
/// <param name="line">The line of the file at which the text starts, from 1.</param>
/// <param name="column">The column at which its lines start, from 1.</param>
/// <param name="isExact">Indicates whether the lines of the text are lines of the file. Otherwise problems have the place of the text.</param>
internal sealed class PromptTemplateText(string text, string path, int line, int column, bool isExact)
{
    private object? _template;
    private bool _isChecked;

    internal string Text { get; } = text;

    internal IReadOnlyList<string> Variables => Template().Variables;

    /// <exception cref="PromptFileException">The template isn't valid, or it uses a variable that isn't an input.</exception>
    internal void Check(IReadOnlyList<PromptInput> inputs)
    {
        if (_isChecked)
        {
            return;
        }

        if (Template().Variables.FirstOrDefault(name => !inputs.Any(input => input.Name == name)) is { } unknown)
        {
            (int unknownLine, int unknownColumn) = LiquidTemplate.Find(Text, unknown);
            throw Problem(unknownLine, unknownColumn, $"The template uses '{unknown}', which isn't an input. Add it to 'inputs' in the front matter, or correct its name.");
        }

        _isChecked = true;
    }

    internal string Render(IReadOnlyList<PromptInput> inputs, Dictionary<string, object?> values)
    {
        Check(inputs);
        return Template().Render(values).Trim('\n', '\r', ' ', '\t');
    }

    private LiquidTemplate Template()
    {
        _template ??= LiquidTemplate.Parse(Text, Problem);
        return (LiquidTemplate)_template;
    }

    private PromptFileException Problem(int templateLine, int templateColumn, string problem) => isExact
        ? new PromptFileException(path, line + templateLine - 1, column + templateColumn - 1, problem)
        : new PromptFileException(path, line, column, problem);
}
