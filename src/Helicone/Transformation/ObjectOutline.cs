using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Security;

namespace Helicone.Transformation;

/// <summary>An object as plain values for a model to read: what matters of it, bounded in depth, length, and number.</summary>
/// <remarks>
/// Data (hashtables, custom objects, lists) is kept whole down to <see cref="MaxDepth"/>. Of .NET objects, which lead to everything else in the
/// process, the properties that PowerShell displays and the type's aliases are kept (for a process: Id, CPU, Name, WS, PM …), or all simple ones.
/// </remarks>
internal sealed class ObjectOutline
{
    private const int MaxDepth = 8;
    private const int MaxObjectDepth = 2;
    private const int MaxItems = 200;
    private const int MaxText = 20_000;

    /// <summary>The number of values that were left out or cut.</summary>
    public int LeftOut { get; private set; }

    /// <summary>The plain values of an object.</summary>
    public object? From(object? value) => From(value, 0, 0);

    private object? From(object? value, int depth, int objects)
    {
        switch (PlainValue.Unwrap(value))
        {
            case null:
                return null;
            case string text:
                return Bounded(text);
            case SecureString or PSCredential:
                LeftOut++;
                return "(a secret, left out)";
            case SwitchParameter flag:
                return flag.IsPresent;
            case DateTime or DateTimeOffset or Guid or Uri or Version or Enum or char or bool or decimal:
                return PlainValue.Unwrap(value);
            case double.NaN or double.PositiveInfinity or double.NegativeInfinity or float.NaN or float.PositiveInfinity or float.NegativeInfinity:
                return Convert.ToString(PlainValue.Unwrap(value), CultureInfo.InvariantCulture);
            case TimeSpan time:
                return time.ToString("c", CultureInfo.InvariantCulture);
            case { } number when number.GetType().IsPrimitive:
                return number is IntPtr or UIntPtr ? number.ToString() : number;
            case FileSystemInfo file when depth > 0:
                return file.FullName;
            case Type type:
                return type.FullName;
            case ScriptBlock block:
                return Bounded(block.ToString());
            case { } other when depth >= MaxDepth:
                LeftOut++;
                return Bounded(other.ToString() ?? string.Empty) + " (nested too deep; the rest is left out)";
            case IDictionary dictionary:
                return Entries(dictionary, depth, objects);
            case PSObject custom:
                return Properties(custom.Properties.Where(static p => p.IsGettable), depth, objects);
            case IEnumerable list:
                return Items(list, depth, objects);
            case { } other when objects >= MaxObjectDepth:
                LeftOut++;
                return Bounded(other.ToString() ?? string.Empty) + " (nested too deep; the rest is left out)";
            case { } other:
                return Properties(Selected(PSObject.AsPSObject(value!)), depth, objects + 1);
        }
    }

    private static IEnumerable<PSPropertyInfo> Selected(PSObject item)
    {
        List<PSPropertyInfo> all = item.Properties.Where(static p => p.IsGettable).ToList();
        HashSet<string> shown = new(StringComparer.OrdinalIgnoreCase);
        if (item.Members["PSStandardMembers"]?.Value is PSMemberSet standard
            && standard.Members["DefaultDisplayPropertySet"] is PSPropertySet set)
        {
            shown.UnionWith(set.ReferencedPropertyNames);
            shown.UnionWith(all.OfType<PSAliasProperty>().Select(static alias => alias.Name));
        }

        // Notes are what the user added with Select-Object or Add-Member. The type's own note is for Get-Process and its like to find themselves.
        return shown.Count == 0 ? all : all.Where(p => shown.Contains(p.Name) || (p is PSNoteProperty && p.Name != "__NounName"));
    }

    private Dictionary<string, object?> Entries(IDictionary dictionary, int depth, int objects)
    {
        Dictionary<string, object?> plain = new(StringComparer.Ordinal);
        foreach (KeyValuePair<string, object?> entry in PlainValue.Entries(dictionary))
        {
            if (plain.Count >= MaxItems)
            {
                Note(plain, dictionary.Count - MaxItems);
                break;
            }

            plain[entry.Key] = From(entry.Value, depth + 1, objects);
        }

        return plain;
    }

    private List<object?> Items(IEnumerable list, int depth, int objects)
    {
        List<object?> plain = [];
        int more = 0;
        foreach (object? item in list)
        {
            if (plain.Count < MaxItems)
            {
                plain.Add(From(item, depth + 1, objects));
            }
            else if (++more > 1_000_000)
            {
                // A list without an end.
                break;
            }
        }

        if (more > 0)
        {
            LeftOut += more;
            plain.Add(FormattableString.Invariant($"({more} more items, left out)"));
        }

        return plain;
    }

    private Dictionary<string, object?> Properties(IEnumerable<PSPropertyInfo> properties, int depth, int objects)
    {
        Dictionary<string, object?> plain = new(StringComparer.Ordinal);
        int more = 0;
        foreach (PSPropertyInfo property in properties)
        {
            if (plain.Count >= MaxItems)
            {
                more++;
                continue;
            }

            plain[property.Name] = From(Read(property), depth + 1, objects);
        }

        Note(plain, more);
        return plain;
    }

    private void Note(Dictionary<string, object?> plain, int more)
    {
        if (more > 0)
        {
            LeftOut += more;
            plain["…"] = FormattableString.Invariant($"({more} more properties, left out)");
        }
    }

    private static object? Read(PSPropertyInfo property)
    {
        try
        {
            return property.Value;
        }
        catch (GetValueException e)
        {
            // As in a table: one property that can't be read doesn't hide the others.
            return "(can't be read: " + (e.InnerException?.Message ?? e.Message) + ")";
        }
    }

    private string Bounded(string text)
    {
        if (text.Length <= MaxText)
        {
            return text;
        }

        LeftOut++;
        int end = char.IsHighSurrogate(text[MaxText - 1]) ? MaxText - 1 : MaxText;
        return text.Substring(0, end) + FormattableString.Invariant($"… ({text.Length - end} more characters, left out)");
    }
}
