using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace Helicone.Mcp;

/// <summary>A field of a question.</summary>
/// <param name="Name">The name.</param>
/// <param name="Title">The title for the user.</param>
/// <param name="Description">The description for the user.</param>
/// <param name="Type"><c>string</c>, <c>number</c>, <c>integer</c>, <c>boolean</c>, or <c>array</c>.</param>
/// <param name="IsRequired">Indicates whether the field needs a value.</param>
/// <param name="Choices">The values to choose from; empty when any value is accepted.</param>
/// <param name="Default">The default value.</param>
public sealed record McpQuestionField(string Name, string? Title, string? Description, string Type, bool IsRequired, IReadOnlyList<string> Choices, object? Default)
{
    /// <summary>Reads what the user typed.</summary>
    /// <exception cref="FormatException">The text doesn't fit the field.</exception>
    public object? Parse(string? text)
    {
        text = text?.Trim();
        if (string.IsNullOrEmpty(text))
        {
            return Default ?? (IsRequired ? throw new FormatException($"'{Name}' requires a value.") : null);
        }

        switch (Type)
        {
            case "boolean":
                return text!.ToLowerInvariant() switch
                {
                    "y" or "yes" or "true" or "1" => true,
                    "n" or "no" or "false" or "0" => false,
                    _ => throw new FormatException($"'{text}' is neither yes nor no."),
                };
            case "integer":
                return long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out long whole) ? whole : throw new FormatException($"'{text}' isn't a whole number.");
            case "number":
                return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : throw new FormatException($"'{text}' isn't a number.");
            case "array":
                return text!.Split(',').Select(item => (object?)Choose(item.Trim())).ToList();
            default:
                return Choose(text!);
        }
    }

    private string Choose(string text) => Choices.Count == 0 ? text
        : Choices.FirstOrDefault(choice => choice.Equals(text, StringComparison.OrdinalIgnoreCase)) ?? throw new FormatException($"'{text}' isn't one of {string.Join(", ", Choices)}.");
}
