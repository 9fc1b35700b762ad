using System;
using System.Collections;
using System.Collections.Generic;
using System.Collections.Specialized;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Reflection;
using System.Security;
using Helicone.Schemas;

namespace Helicone.Transformation;

/// <summary>The shape of an answer as people pass it: a hashtable, a type or its name, or a JSON Schema as a hashtable, text, or a file.</summary>
internal static class ShapeArgument
{
    private const int MaxDepth = 64;

    /// <summary>Reads a shape.</summary>
    /// <param name="value">The argument.</param>
    /// <param name="resolvePath">Makes a path of the file system of one of PowerShell.</param>
    /// <exception cref="FormatException">It isn't a shape, or it is ambiguous; the message names the property.</exception>
    public static AnswerShape From(object value, Func<string, string> resolvePath) => PlainValue.Unwrap(value) switch
    {
        FileInfo file => FromFile(file.FullName, file.Name),
        string text when text.TrimStart().StartsWith("{", StringComparison.Ordinal) => AnswerShape.FromJsonSchema(text),
        string path when path.EndsWith(".json", StringComparison.OrdinalIgnoreCase) || path.IndexOfAny(['/', '\\']) >= 0 => FromFile(resolvePath(path), path),
        _ => AnswerShape.From(Plain(value, string.Empty, 0)!, Options()),
    };

    /// <summary>The types that a script may name in a shape.</summary>
    public static ShapeTypeOptions Options() => new()
    {
        // Finds the classes of the caller's script as well as the types of .NET.
        Resolve = static name => LanguagePrimitives.TryConvertTo(name, out Type type) ? type : null,
        IsHidden = static property => property.IsDefined(typeof(HiddenAttribute), inherit: true),
        IsOptional = static property => property.IsDefined(typeof(AllowNullAttribute), inherit: true),
        ChoicesOf = static property => property.GetCustomAttributes<ValidateSetAttribute>().FirstOrDefault()?.ValidValues.ToArray(),
    };

    private static AnswerShape FromFile(string file, string path)
    {
        try
        {
            return AnswerShape.FromJsonSchema(File.ReadAllText(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or SecurityException)
        {
            throw new FormatException($"The file '{path}' with the JSON Schema can't be read: {e.Message}", e);
        }
    }

    // The engine wraps values, and a custom object is a hashtable in another form.
    private static object? Plain(object? value, string path, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new FormatException($"The shape is nested more than {MaxDepth} levels deep, or it contains itself.");
        }

        switch (PlainValue.Unwrap(value))
        {
            case ScriptBlock:
                throw new FormatException($"{(path.Length == 0 ? "The shape" : $"The property '{path}' of the shape")} is a script block. Use a hashtable: @{{ … }}.");
            case IDictionary dictionary:
                return Members(PlainValue.Entries(dictionary), path, depth);
            case PSObject custom:
                return Members(custom.Properties.Select(static property => new KeyValuePair<string, object?>(property.Name, property.Value)), path, depth);
            case IEnumerable items and not string:
                return items.Cast<object?>().Select(item => Plain(item, path, depth + 1)).ToArray();
            case var plain:
                return plain;
        }
    }

    private static OrderedDictionary Members(IEnumerable<KeyValuePair<string, object?>> members, string path, int depth)
    {
        OrderedDictionary plain = [];
        foreach (KeyValuePair<string, object?> member in members)
        {
            plain[member.Key] = Plain(member.Value, path.Length == 0 ? member.Key : path + "." + member.Key, depth + 1);
        }

        return plain;
    }
}
