using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Management.Automation;
using Helicone.Attribution;

namespace Helicone.Transformation;

/// <summary>The text of a hashtable's values, the same in every culture: <c>true</c>, <c>1.5</c>, <c>2026-01-31T08:00:00.0000000Z</c>.</summary>
internal static class PropertyArgument
{
    /// <summary>Names and values as text. Names are compared without case, as header names are.</summary>
    /// <exception cref="FormatException">A value is missing or is not one plain value; the message names it.</exception>
    public static Dictionary<string, string> Read(IDictionary values, string what)
    {
        Dictionary<string, string> texts = new(StringComparer.OrdinalIgnoreCase);
        foreach (DictionaryEntry entry in values)
        {
            string name = Convert.ToString(entry.Key, CultureInfo.InvariantCulture) ?? string.Empty;
            texts[name] = Text(entry.Value) ?? throw new FormatException(
                $"The {what} '{name}' has {(entry.Value is null ? "no value" : "more than one plain value")}: text, a number, a boolean or a date is needed.");
        }

        return texts;
    }

    /// <summary>A call's properties, fit for headers.</summary>
    /// <exception cref="FormatException">A name or a value cannot go into a header; the message names it.</exception>
    public static IReadOnlyDictionary<string, string> Tags(IDictionary properties) =>
        new RequestTags { Properties = Read(properties, "property") }.Properties;

    private static string? Text(object? value) => (value is PSObject wrapped ? wrapped.BaseObject : value) switch
    {
        string text => text,
        bool flag => flag ? "true" : "false",
        SwitchParameter flag => flag ? "true" : "false",
        DateTime time => time.ToString("o", CultureInfo.InvariantCulture),
        DateTimeOffset time => time.ToString("o", CultureInfo.InvariantCulture),
        TimeSpan time => time.ToString("c", CultureInfo.InvariantCulture),
        Enum member => member.ToString(),
        Uri uri => uri.OriginalString,
        Version version => version.ToString(),
        IDictionary or IEnumerable or ScriptBlock => null,
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => null,
    };
}
