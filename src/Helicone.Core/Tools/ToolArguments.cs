using System;
using System.Collections.Generic;
using System.Text.Json;
using Helicone.Serialization;

namespace Helicone.Tools;

/// <summary>The arguments of a tool call.</summary>
public static class ToolArguments
{
    /// <summary>The maximum length of the JSON text, in characters.</summary>
    public const int MaxLength = 1_000_000;

    /// <summary>Reads arguments as plain values, lists, and dictionaries. Empty text is no arguments.</summary>
    /// <exception cref="FormatException">The text is too long, or isn't a JSON object.</exception>
    public static IReadOnlyDictionary<string, object?> Parse(string? json)
    {
        if (string.IsNullOrWhiteSpace(json))
        {
            return new Dictionary<string, object?>();
        }

        if (json!.Length > MaxLength)
        {
            throw new FormatException(FormattableString.Invariant($"The arguments are {json.Length:N0} characters long. The maximum is {MaxLength:N0}."));
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            return PlainJson.Read(document.RootElement) as Dictionary<string, object?>
                ?? throw new FormatException("The arguments aren't a JSON object.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new FormatException("The arguments aren't valid JSON: " + e.Message, e);
        }
    }
}
