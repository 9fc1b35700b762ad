using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace Helicone.Prompts;

/// <summary>A value of a front matter, with its place in the file.</summary>
/// <param name="line">The line, from 1.</param>
/// <param name="column">The column, from 1.</param>
internal sealed class PromptNode(int line, int column)
{
    internal int Line { get; } = line;

    internal int Column { get; } = column;

    /// <summary>The text of a scalar.</summary>
    internal string? Text { get; init; }

    /// <summary>Indicates whether the scalar is written without quotes, so that it may be a number, a Boolean, or null.</summary>
    internal bool IsPlain { get; init; }

    /// <summary>The first line of the content of a block scalar (<c>|</c>); <see langword="null"/> for other values, whose lines aren't those of the file.</summary>
    internal int? ContentLine { get; init; }

    internal List<PromptNode>? Items { get; init; }

    internal List<KeyValuePair<PromptNode, PromptNode>>? Members { get; init; }

    /// <summary>The value: text, a number, a Boolean, <see langword="null"/>, a list, or a dictionary in the order of the file.</summary>
    internal object? Value => Members is not null ? Members.ToDictionary(static member => member.Key.Text!, static member => member.Value.Value)
        : Items is not null ? Items.Select(static item => item.Value).ToList()
        : IsPlain ? Scalar(Text!)
        : Text;

    // YAML's core schema: "no" and "on" are text.
    private static object? Scalar(string text) => text switch
    {
        "" or "~" or "null" or "Null" or "NULL" => null,
        "true" or "True" or "TRUE" => true,
        "false" or "False" or "FALSE" => false,
        _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole) => whole,
        _ when text.All(static c => c is (>= '0' and <= '9') or '.' or '-' or '+' or 'e' or 'E')
            && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && !double.IsInfinity(number) => number,
        _ => text,
    };
}
