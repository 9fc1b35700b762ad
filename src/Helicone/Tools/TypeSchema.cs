using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Numerics;
using System.Reflection;
using System.Security;

namespace Helicone.Tools;

/// <summary>.NET types as JSON Schema.</summary>
internal static class TypeSchema
{
    private const int MaxDepth = 4;
    private const int MaxEnumValues = 200;

    private static readonly Dictionary<Type, (string? Type, string? Format)> s_simple = new()
    {
        [typeof(string)] = ("string", null),
        [typeof(char)] = ("string", null),
        [typeof(bool)] = ("boolean", null),
        [typeof(SwitchParameter)] = ("boolean", null),
        [typeof(byte)] = ("integer", null),
        [typeof(sbyte)] = ("integer", null),
        [typeof(short)] = ("integer", null),
        [typeof(ushort)] = ("integer", null),
        [typeof(int)] = ("integer", null),
        [typeof(uint)] = ("integer", null),
        [typeof(long)] = ("integer", null),
        [typeof(ulong)] = ("integer", null),
        [typeof(BigInteger)] = ("integer", null),
        [typeof(float)] = ("number", null),
        [typeof(double)] = ("number", null),
        [typeof(decimal)] = ("number", null),
        [typeof(DateTime)] = ("string", "date-time"),
        [typeof(DateTimeOffset)] = ("string", "date-time"),
        [typeof(TimeSpan)] = ("string", null),
        [typeof(Guid)] = ("string", "uuid"),
        [typeof(Uri)] = ("string", "uri"),
        [typeof(object)] = (null, null),
        [typeof(PSObject)] = (null, null),
    };

    /// <summary>The schema of a type; <see langword="null"/> for a type that a model can't write, or must not.</summary>
    public static Dictionary<string, object?>? Of(Type type) => Of(type, 0);

    /// <summary>Indicates whether values of the type are code or secrets, or contain them.</summary>
    public static bool IsForbidden(Type type)
    {
        Type inner = ElementOf(type) ?? Nullable.GetUnderlyingType(type) ?? type;
        return typeof(ScriptBlock).IsAssignableFrom(inner) || typeof(PSCredential).IsAssignableFrom(inner) || typeof(SecureString).IsAssignableFrom(inner)
            || typeof(Delegate).IsAssignableFrom(inner) || inner == typeof(PSReference) || (inner != type && inner != typeof(object) && IsForbidden(inner));
    }

    /// <summary>The type of the items of a list; <see langword="null"/> for a type that isn't a list.</summary>
    public static Type? ElementOf(Type type)
    {
        if (type == typeof(string) || typeof(IDictionary).IsAssignableFrom(type))
        {
            return null;
        }

        if (type.IsArray)
        {
            return type.GetElementType();
        }

        // No array is spread into another: on netstandard2.0 that takes System.Memory, which another module may have loaded in another version.
        Type[] candidates = type.IsInterface ? new[] { type }.Concat(type.GetInterfaces()).ToArray() : type.GetInterfaces();
        Type? list = Array.Find(candidates, static i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IEnumerable<>));
        bool isList = typeof(IList).IsAssignableFrom(type) || type.IsInterface || (type.IsGenericType && typeof(ICollection).IsAssignableFrom(type));
        return list is not null && isList ? list.GetGenericArguments()[0]
            : type == typeof(IList) || type == typeof(ICollection) || type == typeof(IEnumerable) || type == typeof(ArrayList) ? typeof(object)
            : null;
    }

    private static Dictionary<string, object?>? Of(Type type, int depth)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (depth > MaxDepth || IsForbidden(type) || type.IsByRef || type.IsPointer)
        {
            return null;
        }

        if (s_simple.TryGetValue(type, out (string? Type, string? Format) simple))
        {
            return Simple(type, simple.Type, simple.Format);
        }

        if (type.IsEnum)
        {
            return Enumeration(type);
        }

        if (typeof(IDictionary).IsAssignableFrom(type) || IsGenericDictionary(type))
        {
            return new() { ["type"] = "object" };
        }

        if (ElementOf(type) is { } element)
        {
            return Of(element, depth + 1) is { } items ? new() { ["type"] = "array", ["items"] = items } : null;
        }

        // What holds a handle is opened by its constructor: a model must not open anything by naming it.
        if (typeof(IDisposable).IsAssignableFrom(type) || type.IsInterface || type.IsAbstract || typeof(MemberInfo).IsAssignableFrom(type))
        {
            return typeof(Type).IsAssignableFrom(type) ? Simple(type, "string", null) : null;
        }

        return Fields(type, depth) ?? (IsMadeOfText(type) ? new() { ["type"] = "string" } : null);
    }

    private static Dictionary<string, object?> Simple(Type type, string? name, string? format)
    {
        Dictionary<string, object?> schema = [];
        if (name is not null)
        {
            schema["type"] = name;
        }

        if (format is not null)
        {
            schema["format"] = format;
        }

        if (type == typeof(byte) || type == typeof(ushort) || type == typeof(uint) || type == typeof(ulong))
        {
            schema["minimum"] = 0;
        }

        if (type == typeof(byte))
        {
            schema["maximum"] = 255;
        }

        if (type == typeof(char))
        {
            schema["minLength"] = 1;
            schema["maxLength"] = 1;
        }

        if (type == typeof(TimeSpan))
        {
            schema["description"] = "A time span, such as 00:05:00.";
        }

        return schema;
    }

    private static Dictionary<string, object?> Enumeration(Type type)
    {
        List<object?> names = [.. Enum.GetNames(type).Take(MaxEnumValues)];
        Dictionary<string, object?> schema = new() { ["type"] = "string", ["enum"] = names };
        return type.IsDefined(typeof(FlagsAttribute), inherit: false) ? new() { ["type"] = "array", ["items"] = schema } : schema;
    }

    private static bool IsGenericDictionary(Type type) =>
        new[] { type }.Concat(type.GetInterfaces()).Any(static i => i.IsGenericType && i.GetGenericTypeDefinition() is { } definition
            && (definition == typeof(IDictionary<,>) || definition == typeof(IReadOnlyDictionary<,>)));

    /// <summary>A class with properties to set, such as a class of a script. Those of the framework do too much when they are set.</summary>
    private static Dictionary<string, object?>? Fields(Type type, int depth)
    {
        bool isFramework = type.Assembly == typeof(object).Assembly || type.Assembly == typeof(PSObject).Assembly
            || type.Namespace is { } name && (name == "System" || name.StartsWith("System.", StringComparison.Ordinal) || name.StartsWith("Microsoft.", StringComparison.Ordinal));
        if (isFramework || (!type.IsValueType && type.GetConstructor(Type.EmptyTypes) is null))
        {
            return null;
        }

        Dictionary<string, object?> properties = [];
        foreach (PropertyInfo property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(static p => p.CanWrite && p.GetIndexParameters().Length == 0))
        {
            if (Of(property.PropertyType, depth + 1) is not { } schema)
            {
                return null;
            }

            properties[property.Name] = schema;
        }

        return properties.Count == 0 ? null : new() { ["type"] = "object", ["properties"] = properties, ["additionalProperties"] = false };
    }

    private static bool IsMadeOfText(Type type) =>
        type.GetConstructor([typeof(string)]) is not null
        || type.GetMethod("Parse", BindingFlags.Public | BindingFlags.Static, null, [typeof(string)], null) is { } parse && parse.ReturnType == type
        || type.GetMethod("Parse", BindingFlags.Public | BindingFlags.Static, null, [typeof(string), typeof(IFormatProvider)], null) is not null
        || type.IsDefined(typeof(System.ComponentModel.TypeConverterAttribute), inherit: true);
}
