using System;
using System.Collections;
using System.Collections.Generic;
using System.Collections.Specialized;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Internal;
using System.Security;

namespace Helicone.Transformation;

/// <summary>PowerShell's values as JSON values: dictionaries, lists, text, numbers, and booleans, without the engine's wrappers.</summary>
internal static class PlainValue
{
    private const int MaxDepth = 64;

    /// <summary>The object itself; <see langword="null"/> for what a script property without a result returns.</summary>
    public static object? Unwrap(object? value) => value == AutomationNull.Value ? null : value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value;

    /// <summary>A value and everything in it.</summary>
    /// <exception cref="FormatException">A value in it can't be written as JSON; the message contains its place.</exception>
    public static object? From(object? value, string path) => From(value, path, 0);

    /// <summary>The entries of a hashtable.</summary>
    /// <exception cref="FormatException">A value in it can't be written as JSON; the message contains its place.</exception>
    /// <remarks>A hashtable has a different order in every process, so its entries are sorted by name. An ordered dictionary keeps its order.</remarks>
    public static Dictionary<string, object?> From(IDictionary values, string path) => From(values, path, 0);

    /// <summary>The entries of a dictionary: in its own order where it has one, else sorted by name.</summary>
    public static IEnumerable<KeyValuePair<string, object?>> Entries(IDictionary dictionary)
    {
        List<KeyValuePair<string, object?>> entries = new(dictionary.Count);
        foreach (DictionaryEntry entry in dictionary)
        {
            entries.Add(new(Convert.ToString(entry.Key, CultureInfo.InvariantCulture) ?? string.Empty, entry.Value));
        }

        // Dictionary<,> enumerates its entries in the order in which they were added, whatever their hashes are.
        bool keepsOrder = dictionary is IOrderedDictionary || (dictionary.GetType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(Dictionary<,>));
        return keepsOrder ? entries : entries.OrderBy(static entry => entry.Key, StringComparer.Ordinal);
    }

    private static object? From(object? value, string path, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new FormatException($"'{path}' is nested more than {MaxDepth} levels deep. It may contain itself.");
        }

        switch (Unwrap(value))
        {
            case string text:
                return text;
            case SwitchParameter flag:
                return flag.IsPresent;
            case SecureString or PSCredential:
                throw new FormatException($"'{path}' is a secret, which can't be part of a request body.");
            case ScriptBlock:
                throw new FormatException($"'{path}' is a script block, which can't be written as JSON. For a hashtable, write @{{ … }}.");
            case IDictionary dictionary:
                return From(dictionary, path, depth);
            case PSObject custom:
                return Properties(custom, path, depth);
            case IEnumerable list:
                return list.Cast<object?>().Select((item, i) => From(item, $"{path}[{i}]", depth + 1)).ToList();
            case var plain:
                // A number, a boolean, or a date. Other values are rejected when the JSON is written.
                return plain;
        }
    }

    private static Dictionary<string, object?> From(IDictionary dictionary, string path, int depth)
    {
        Dictionary<string, object?> plain = new(StringComparer.Ordinal);
        foreach (KeyValuePair<string, object?> entry in Entries(dictionary))
        {
            plain[entry.Key] = From(entry.Value, path + "." + entry.Key, depth + 1);
        }

        return plain;
    }

    private static Dictionary<string, object?> Properties(PSObject custom, string path, int depth)
    {
        Dictionary<string, object?> plain = new(StringComparer.Ordinal);
        foreach (PSPropertyInfo property in custom.Properties)
        {
            plain[property.Name] = From(property.Value, path + "." + property.Name, depth + 1);
        }

        return plain;
    }
}
