using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Security;

namespace Helicone.Transformation;

/// <summary>PowerShell's values as JSON knows them: dictionaries, lists, text, numbers and booleans, with nothing of the engine around them.</summary>
internal static class PlainValue
{
    private const int MaxDepth = 64;

    /// <summary>The object itself.</summary>
    public static object? Unwrap(object? value) => value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value;

    /// <summary>A value and everything in it.</summary>
    /// <exception cref="FormatException">Something in it has no place in JSON; the message says where.</exception>
    public static object? From(object? value, string path) => From(value, path, 0);

    /// <summary>The entries of a hashtable.</summary>
    /// <exception cref="FormatException">Something in it has no place in JSON; the message says where.</exception>
    public static Dictionary<string, object?> From(IDictionary values, string path) => From(values, path, 0);

    private static object? From(object? value, string path, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new FormatException($"'{path}' is nested deeper than {MaxDepth} levels: does it hold itself?");
        }

        switch (Unwrap(value))
        {
            case null:
                return null;
            case string or bool or byte or sbyte or short or ushort or int or uint or long or ulong or float or double or decimal:
                return Unwrap(value);
            case SwitchParameter flag:
                return flag.IsPresent;
            case char or Guid or Uri or Version or TimeSpan:
                return Unwrap(value)!.ToString();
            case Enum member:
                return member.ToString();
            case DateTime time:
                return time.ToString("o", CultureInfo.InvariantCulture);
            case DateTimeOffset time:
                return time.ToString("o", CultureInfo.InvariantCulture);
            case IDictionary dictionary:
                return From(dictionary, path, depth);
            case SecureString or PSCredential:
                throw new FormatException($"'{path}' is a secret: it does not belong into a request's body.");
            case ScriptBlock:
                throw new FormatException($"'{path}' is a script block: JSON has no such thing. Was @{{ }} meant?");
            case IEnumerable list:
                return list.Cast<object?>().Select((item, i) => From(item, $"{path}[{i}]", depth + 1)).ToList();
            default:
                return Properties((PSObject)PSObject.AsPSObject(value), path, depth);
        }
    }

    private static Dictionary<string, object?> From(IDictionary dictionary, string path, int depth)
    {
        Dictionary<string, object?> plain = new(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in dictionary)
        {
            string name = Convert.ToString(entry.Key, CultureInfo.InvariantCulture) ?? string.Empty;
            plain[name] = From(entry.Value, path + "." + name, depth + 1);
        }

        return plain;
    }

    private static Dictionary<string, object?> Properties(PSObject value, string path, int depth)
    {
        if (value.BaseObject is not PSCustomObject)
        {
            throw new FormatException($"'{path}' is a {value.BaseObject.GetType().Name}: use hashtables, lists, text, numbers and booleans.");
        }

        Dictionary<string, object?> plain = new(StringComparer.Ordinal);
        foreach (PSPropertyInfo property in value.Properties)
        {
            plain[property.Name] = From(property.Value, path + "." + property.Name, depth + 1);
        }

        return plain;
    }
}
