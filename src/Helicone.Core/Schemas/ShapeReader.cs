using System;
using System.Collections;
using System.Collections.Generic;
using System.ComponentModel;
using System.Globalization;
using System.Linq;
using System.Reflection;
using Helicone.Serialization;

namespace Helicone.Schemas;

/// <summary>Reads a shape as people write it: a dictionary of names and types, a type, or the name of a type.</summary>
internal sealed class ShapeReader(ShapeTypeOptions options)
{
    // Deeper than anything that a model fills in; a hashtable that contains itself ends here.
    private const int MaxDepth = 32;

    private static readonly Dictionary<string, Func<ShapeNode>> s_names = new(StringComparer.OrdinalIgnoreCase)
    {
        ["string"] = static () => Scalar(typeof(string)),
        ["text"] = static () => Scalar(typeof(string)),
        ["char"] = static () => Scalar(typeof(char)),
        ["bool"] = static () => Scalar(typeof(bool)),
        ["boolean"] = static () => Scalar(typeof(bool)),
        ["byte"] = static () => Scalar(typeof(byte)),
        ["short"] = static () => Scalar(typeof(short)),
        ["int"] = static () => Scalar(typeof(int)),
        ["long"] = static () => Scalar(typeof(long)),
        ["integer"] = static () => Scalar(typeof(long)),
        ["float"] = static () => Scalar(typeof(float)),
        ["single"] = static () => Scalar(typeof(float)),
        ["double"] = static () => Scalar(typeof(double)),
        ["decimal"] = static () => Scalar(typeof(decimal)),
        ["number"] = static () => new ShapeNode(ShapeKind.Number),
        ["datetime"] = static () => Scalar(typeof(DateTime)),
        ["datetimeoffset"] = static () => Scalar(typeof(DateTimeOffset)),
        ["timespan"] = static () => Scalar(typeof(TimeSpan)),
        ["guid"] = static () => Scalar(typeof(Guid)),
        ["uri"] = static () => Scalar(typeof(Uri)),
        ["version"] = static () => Scalar(typeof(Version)),
        ["object"] = static () => new ShapeNode(ShapeKind.Any),
    };

    // What these are called in the type system of a language, and never a value that a model can give.
    private static readonly string[] s_refused = ["ScriptBlock", "SecureString", "PSCredential", "IntPtr", "UIntPtr"];

    private readonly Dictionary<Type, ShapeNode> _classes = [];

    /// <exception cref="FormatException">The value isn't a shape; the message names the property.</exception>
    internal ShapeNode Read(object? shape) => Read(shape, string.Empty, 0);

    private static ShapeNode Scalar(Type type) => new(ScalarType.Of(type)!.Kind, type);

    private static string Subject(string path) => path.Length == 0 ? "The shape" : $"The property '{path}' of the shape";

    private ShapeNode Read(object? shape, string path, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new FormatException($"{Subject(path)} is nested more than {MaxDepth} levels deep, or it contains itself.");
        }

        return shape switch
        {
            null => throw new FormatException($"{Subject(path)} is null. Specify a type, such as 'string' or [int]."),
            Type type => OfType(type, path, depth),
            string name => OfName(name, path, depth),
            IDictionary members => OfDictionary(members, path, depth),
            IEnumerable items => OfItems([.. items.Cast<object?>()], path, depth),
            _ => throw new FormatException($"{Subject(path)} is {Shown(shape)}, which isn't a type. Specify a type, such as 'string' or [int], or at least two values to choose from, such as 'low', 'high'."),
        };
    }

    private ShapeNode OfDictionary(IDictionary members, string path, int depth)
    {
        ShapeNode node = new(ShapeKind.Record);
        HashSet<string> names = new(StringComparer.OrdinalIgnoreCase);
        foreach (KeyValuePair<string, object?> entry in DictionaryOrder.Fields(members))
        {
            bool isOptional = entry.Key.Length > 1 && entry.Key.EndsWith("?", StringComparison.Ordinal);
            string name = isOptional ? entry.Key.Substring(0, entry.Key.Length - 1) : entry.Key;
            if (string.IsNullOrWhiteSpace(name))
            {
                throw new FormatException($"{Subject(path)} has a property without a name.");
            }

            if (!names.Add(name))
            {
                throw new FormatException($"{Subject(path)} has the property '{name}' twice.");
            }

            ShapeNode value = Read(entry.Value, path.Length == 0 ? name : path + "." + name, depth + 1);
            node.Add(new ShapeMember(name, isOptional ? value.Optional() : value));
        }

        return node.Members.Count > 0 ? node : throw new FormatException($"{Subject(path)} has no properties.");
    }

    private ShapeNode OfItems(List<object?> items, string path, int depth)
    {
        switch (items.Count)
        {
            case 0:
                throw new FormatException($"{Subject(path)} is an empty array. Specify one type for a list, such as @('string'), or at least two values to choose from.");
            case 1 when items[0] is string name && TryName(name, path, depth) is null:
                throw new FormatException($"{Subject(path)} is a list of '{name}', which isn't a type. Specify a type for a list, such as @('string'), or at least two values to choose from.");
            case 1:
                return new ShapeNode(ShapeKind.List) { Item = Read(items[0], path, depth + 1) };
        }

        List<object> values = [.. items.Where(static item => item is not null).Select(item => Choice(item!, path))];
        bool isText = values.TrueForAll(static value => value is string);
        if (!isText && !values.TrueForAll(static value => value is long or decimal) && !values.TrueForAll(static value => value is bool))
        {
            throw new FormatException($"{Subject(path)} mixes values of several types. A choice is between texts or between numbers.");
        }

        if (isText && values.Count > 1 && values.TrueForAll(static value => IsBuiltIn((string)value)))
        {
            throw new FormatException(
                $"{Subject(path)} is ambiguous: {string.Join(", ", values.Select(Shown))} are names of types and could also be values to choose from. "
                + "Specify one type, or use an enum or a JSON Schema for a choice of these texts.");
        }

        values = [.. values.Distinct()];
        ShapeNode choice = new(ShapeKind.Choice) { Choices = values };
        return values.Count == 0 ? throw new FormatException($"{Subject(path)} has no values to choose from.")
            : items.Contains(null) ? choice.Optional() : choice;
    }

    private static object Choice(object item, string path) => item switch
    {
        string text => text,
        bool flag => flag,
        char character => character.ToString(),
        Enum member => member.ToString(),
        sbyte or byte or short or ushort or int or uint or long => Convert.ToInt64(item, CultureInfo.InvariantCulture),
        decimal number => number,
        double or float => decimal.Parse(Convert.ToString(item, CultureInfo.InvariantCulture)!, NumberStyles.Float, CultureInfo.InvariantCulture),
        Type => throw new FormatException($"{Subject(path)} is an array of several types. Specify one type for a list, such as @('string')."),
        IDictionary => throw new FormatException($"{Subject(path)} is an array of several hashtables. Specify one for a list of such objects: @(@{{ … }})."),
        _ => throw new FormatException($"{Subject(path)} has {Shown(item)} among the values to choose from. Use text or numbers."),
    };

    // Only the built-in names: many ordinary words, such as Action or Range, are also types of .NET.
    private static bool IsBuiltIn(string text) => s_names.ContainsKey(text.Trim().TrimStart('[').TrimEnd('?', '[', ']'));

    private ShapeNode OfName(string name, string path, int depth) =>
        TryName(name, path, depth) ?? throw new FormatException(
            $"{Subject(path)} is '{name}', which isn't a type. Specify a type, such as 'string', 'int', 'datetime', or 'string?' for an optional text, or at least two values to choose from, such as '{name}', 'other'.");

    private ShapeNode? TryName(string text, string path, int depth)
    {
        string name = text.Trim();
        if (name.EndsWith("?", StringComparison.Ordinal))
        {
            return TryName(name.Substring(0, name.Length - 1), path, depth)?.Optional();
        }

        if (name.EndsWith("[]", StringComparison.Ordinal) && name.Length > 2)
        {
            return TryName(name.Substring(0, name.Length - 2), path, depth) is { } item ? new ShapeNode(ShapeKind.List) { Item = item } : null;
        }

        // What PowerShell passes for -As [int], whose argument isn't an expression.
        if (name.Length > 2 && name[0] == '[' && name[name.Length - 1] == ']')
        {
            return TryName(name.Substring(1, name.Length - 2), path, depth);
        }

        return s_names.TryGetValue(name, out Func<ShapeNode>? known) ? known()
            : options.Resolve?.Invoke(name) is { } type ? OfType(type, path, depth)
            : null;
    }

    private ShapeNode OfType(Type type, string path, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new FormatException($"{Subject(path)} is nested more than {MaxDepth} levels deep.");
        }

        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return OfType(underlying, path, depth).Optional();
        }

        if (ScalarType.Of(type) is { } scalar)
        {
            return new ShapeNode(scalar.Kind, type);
        }

        if (type.IsEnum)
        {
            return new ShapeNode(ShapeKind.Choice, type) { Choices = [.. Enum.GetNames(type)] };
        }

        if (type == typeof(object) || type.FullName is "System.Management.Automation.PSObject" or "System.Management.Automation.PSCustomObject")
        {
            return new ShapeNode(ShapeKind.Any);
        }

        if (s_refused.Contains(type.Name) || type.IsPointer || type.IsByRef || typeof(Delegate).IsAssignableFrom(type) || typeof(Type).IsAssignableFrom(type))
        {
            throw new FormatException($"{Subject(path)} has the type {type.FullName}, which no JSON value can become.");
        }

        return OfCollection(type, path, depth) ?? OfClass(type, path, depth);
    }

    private ShapeNode? OfCollection(Type type, string path, int depth)
    {
        if (type.IsArray)
        {
            return type.GetArrayRank() == 1
                ? new ShapeNode(ShapeKind.List, type) { Item = OfType(type.GetElementType()!, path, depth + 1) }
                : throw new FormatException($"{Subject(path)} has the type {type.FullName}. JSON has lists of one dimension only.");
        }

        if (!typeof(IEnumerable).IsAssignableFrom(type))
        {
            return null;
        }

        if (Interface(type, typeof(IDictionary<,>)) is { } map)
        {
            Type[] arguments = map.GetGenericArguments();
            return arguments[0] == typeof(string)
                ? new ShapeNode(ShapeKind.Map, type) { Item = OfType(arguments[1], path, depth + 1) }
                : throw new FormatException($"{Subject(path)} has the type {type}. The keys of a JSON object are text.");
        }

        if (typeof(IDictionary).IsAssignableFrom(type))
        {
            return new ShapeNode(ShapeKind.Map, type) { Item = new ShapeNode(ShapeKind.Any).Optional() };
        }

        Type? item = Interface(type, typeof(IEnumerable<>))?.GetGenericArguments()[0];
        bool isMade = (type.IsInterface && type.IsAssignableFrom((item ?? typeof(object)).MakeArrayType()))
            || (typeof(IList).IsAssignableFrom(type) && type.GetConstructor(Type.EmptyTypes) is not null)
            || (item is not null && type.GetConstructor([typeof(IEnumerable<>).MakeGenericType(item)]) is not null);
        return isMade
            ? new ShapeNode(ShapeKind.List, type) { Item = item is null ? new ShapeNode(ShapeKind.Any).Optional() : OfType(item, path, depth + 1) }
            : throw new FormatException($"{Subject(path)} has the type {type}, which can't be made of a list. Use an array or List[T].");
    }

    private static Type? Interface(Type type, Type definition) => new[] { type }.Concat(type.GetInterfaces())
        .FirstOrDefault(candidate => candidate.IsGenericType && candidate.GetGenericTypeDefinition() == definition);

    private ShapeNode OfClass(Type type, string path, int depth)
    {
        if (_classes.TryGetValue(type, out ShapeNode? known))
        {
            return known;
        }

        if (type.IsInterface || type.IsAbstract || type.ContainsGenericParameters)
        {
            throw new FormatException($"{Subject(path)} has the type {type.FullName ?? type.Name}, which can't be created. Use a class.");
        }

        if (!type.IsValueType && type.GetConstructor(Type.EmptyTypes) is null)
        {
            throw new FormatException($"{Subject(path)} has the type {type.FullName}, which has no constructor without parameters.");
        }

        ShapeNode node = new(ShapeKind.Record, type);
        _classes.Add(type, node);
        HashSet<string> names = new(StringComparer.OrdinalIgnoreCase);
        foreach (PropertyInfo property in Properties(type))
        {
            string member = path.Length == 0 ? property.Name : path + "." + property.Name;
            if (!names.Add(property.Name))
            {
                throw new FormatException($"{Subject(member)} has the same name as another one, apart from case.");
            }

            node.Add(new ShapeMember(property.Name, OfProperty(property, member, depth), property.GetCustomAttribute<DescriptionAttribute>()?.Description));
        }

        return node.Members.Count > 0 ? node : throw new FormatException($"{Subject(path)} has the type {type.FullName}, which has no properties that can be set.");
    }

    private ShapeNode OfProperty(PropertyInfo property, string path, int depth)
    {
        ShapeNode node = OfType(property.PropertyType, path, depth + 1);
        if (node is { Kind: ShapeKind.Text, Type: { } type } && type == typeof(string) && options.ChoicesOf?.Invoke(property) is { Count: > 0 } choices)
        {
            node = new ShapeNode(ShapeKind.Choice) { Choices = [.. choices.Distinct()] };
        }

        return options.IsOptional?.Invoke(property) == true ? node.Optional() : node;
    }

    // The base class first, each in the order of the source: reflection promises none.
    private IEnumerable<PropertyInfo> Properties(Type type)
    {
        int Depth(Type? of) => of is null ? 0 : 1 + Depth(of.BaseType);
        return type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.SetMethod is { IsPublic: true } && property.GetMethod is { IsPublic: true } && property.GetIndexParameters().Length == 0 && options.IsHidden?.Invoke(property) != true)
            .OrderBy(property => Depth(property.DeclaringType))
            .ThenBy(static property => property.MetadataToken);
    }

    private static string Shown(object value) => value is string text
        ? $"'{text}'"
        : $"{Convert.ToString(value, CultureInfo.InvariantCulture)} ({value.GetType().Name})";
}
