using System;
using System.Collections;
using System.Collections.Generic;
using System.Collections.Specialized;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Text;
using System.Text.RegularExpressions;
using Helicone.Chat;
using Helicone.Runtime;

namespace Helicone.Transformation;

/// <summary>Objects of the pipeline as the text that a model reads: strings as they are, others as they would look on the screen.</summary>
internal sealed class InputText(CommandInvocationIntrinsics commands)
{
    // Wide enough that no column is cut off: what is not on the screen would be missing in the prompt.
    private const int Width = 4096;

    private static readonly Regex s_escapes = new("\u001b(?:\\[[0-9;?]*[A-Za-z]|\\][^\u0007\u001b]*(?:\u0007|\u001b\\\\))", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    /// <summary>One object.</summary>
    public string Render(object? item)
    {
        using PipelinePump.Suspension suspension = PipelinePump.Suspend();
        return Simple(item) ?? Show([item]);
    }

    /// <summary>Many objects, a line or more each; neighbours that are no text are rendered together, as one table.</summary>
    public string Render(IReadOnlyList<object?> items)
    {
        using PipelinePump.Suspension suspension = PipelinePump.Suspend();
        StringBuilder text = new();
        List<object?> objects = [];
        foreach (object? item in items)
        {
            string? simple = Simple(item);
            if (simple is null)
            {
                objects.Add(item);
                continue;
            }

            Flush(objects, text);
            text.Append(simple).Append('\n');
        }

        Flush(objects, text);
        return text.ToString().TrimEnd('\n');
    }

    private static string? Simple(object? item) => PlainValue.Unwrap(item) switch
    {
        null => string.Empty,
        string text => text,
        ChatCompletion or ChatChunk => PlainValue.Unwrap(item)!.ToString(),
        ChatMessage message => message.Content ?? string.Empty,
        DateTime time => time.ToString("o", CultureInfo.InvariantCulture),
        DateTimeOffset time => time.ToString("o", CultureInfo.InvariantCulture),
        bool or char or Enum or Guid or Uri or Version or TimeSpan => PlainValue.Unwrap(item)!.ToString(),
        IFormattable number when number.GetType().IsPrimitive || number is decimal => number.ToString(null, CultureInfo.InvariantCulture),
        _ => null,
    };

    private void Flush(List<object?> objects, StringBuilder text)
    {
        if (objects.Count > 0)
        {
            text.Append(Show(objects)).Append('\n');
            objects.Clear();
        }
    }

    private string Show(List<object?> objects)
    {
        // The engine alone, without its Utility module, has no Out-String.
        CommandInfo? outString = commands.GetCommand("Out-String", CommandTypes.Cmdlet);
        if (outString is null)
        {
            return string.Join("\n\n", objects.Select(Properties));
        }

        using PowerShell shell = PowerShell.Create(RunspaceMode.CurrentRunspace);
        shell.AddCommand(outString).AddParameter("Width", Width);
        string shown = string.Concat(shell.Invoke<string>(objects.Select(InOrder)));

        // Columns are padded to their end, and every space is a token or part of one.
        return string.Join("\n", s_escapes.Replace(shown, string.Empty).Split('\n').Select(static line => line.TrimEnd())).Trim('\n');
    }

    /// <summary>A hashtable has a different order in every process, and the same input must make the same prompt.</summary>
    private static object? InOrder(object? item)
    {
        if (PlainValue.Unwrap(item) is not IDictionary dictionary)
        {
            return item;
        }

        OrderedDictionary ordered = new(StringComparer.Ordinal);
        foreach (KeyValuePair<string, object?> entry in PlainValue.Entries(dictionary))
        {
            ordered[entry.Key] = entry.Value;
        }

        return ordered;
    }

    private static string Properties(object? item)
    {
        if (PlainValue.Unwrap(item) is IDictionary dictionary)
        {
            return string.Join("\n", PlainValue.Entries(dictionary).Select(entry => $"{entry.Key}: {Value(entry.Value)}"));
        }

        return string.Join("\n", PSObject.AsPSObject(item!).Properties.Where(static property => property.IsGettable).Select(property => $"{property.Name}: {Value(Read(property))}"));
    }

    private static object? Read(PSPropertyInfo property)
    {
        try
        {
            return property.Value;
        }
        catch (GetValueException e)
        {
            // As in a table: one property that cannot be read does not hide the others.
            return "<" + e.Message + ">";
        }
    }

    private static string Value(object? value) => PlainValue.Unwrap(value) switch
    {
        null => string.Empty,
        string text => text,
        IEnumerable list => string.Join(", ", list.Cast<object?>()),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        var other => other.ToString() ?? string.Empty,
    };
}
