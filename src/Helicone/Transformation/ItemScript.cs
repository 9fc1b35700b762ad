using System;
using System.Collections;
using System.Collections.Generic;
using System.Collections.Specialized;
using System.Linq;
using System.Management.Automation;

namespace Helicone.Transformation;

/// <summary>Script blocks that a user passes in place of a value: each is run for every input object, with the object as <c>$_</c>.</summary>
/// <remarks>Only a ScriptBlock object that was passed as an argument is ever run. Text is never parsed as code.</remarks>
internal static class ItemScript
{
    /// <summary>Indicates whether a value depends on the input object: it is a script block, or a hashtable with one among its values.</summary>
    public static bool IsIn(object? value) => PlainValue.Unwrap(value) switch
    {
        ScriptBlock => true,
        IDictionary entries => entries.Values.Cast<object?>().Any(static entry => PlainValue.Unwrap(entry) is ScriptBlock),
        _ => false,
    };

    /// <summary>Everything that a script block writes for an object.</summary>
    /// <exception cref="FormatException">The script block failed.</exception>
    public static IReadOnlyList<object?> Run(ScriptBlock block, object? item, string parameter)
    {
        // Half of a prompt isn't worth its price: the first error ends the block.
        List<PSVariable> variables = [new("_", item), new("ErrorActionPreference", ActionPreference.Stop)];
        try
        {
            return [.. block.InvokeWithContext(null, variables)];
        }
        catch (RuntimeException e) when (e is not PipelineStoppedException)
        {
            throw new FormatException($"The script block of -{parameter} failed: {e.ErrorRecord?.Exception.Message ?? e.Message}", e);
        }
    }

    /// <summary>A value as text: itself, or what its script block writes for an object.</summary>
    /// <exception cref="FormatException">The script block failed, or didn't write exactly one value.</exception>
    public static string? Text(object? value, object? item, string parameter) => value switch
    {
        null => null,
        ScriptBlock block => LanguagePrimitives.ConvertTo<string>(Single(block, item, parameter)),
        _ => value.ToString(),
    };

    /// <summary>A hashtable in which the script blocks are replaced by what they write for an object.</summary>
    /// <exception cref="FormatException">A script block failed, or didn't write what is needed.</exception>
    public static IDictionary Entries(object value, object? item, string parameter)
    {
        object? plain = PlainValue.Unwrap(value) is ScriptBlock block ? PlainValue.Unwrap(Single(block, item, parameter)) : PlainValue.Unwrap(value);
        if (plain is not IDictionary entries)
        {
            throw new FormatException($"-{parameter} takes a hashtable such as @{{ Team = 'blue' }}, or a script block that writes one, not a {plain?.GetType().Name ?? "null"}.");
        }

        OrderedDictionary resolved = [];
        foreach (DictionaryEntry entry in entries)
        {
            resolved[entry.Key] = PlainValue.Unwrap(entry.Value) is ScriptBlock script ? Single(script, item, parameter) : entry.Value;
        }

        return resolved;
    }

    private static object? Single(ScriptBlock block, object? item, string parameter)
    {
        IReadOnlyList<object?> values = Run(block, item, parameter);
        return values.Count == 1 && values[0] is { } value
            ? value
            : throw new FormatException($"The script block of -{parameter} must write one value for each input object. It wrote {(values.Count > 1 ? values.Count.ToString(System.Globalization.CultureInfo.InvariantCulture) : "none")}.");
    }
}
