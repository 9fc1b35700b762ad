using System;
using System.Collections;
using System.Collections.Generic;
using System.Collections.Specialized;
using System.Linq;
using System.Management.Automation;
using System.Reflection;
using Helicone.Schemas;

namespace Helicone.Transformation;

/// <summary>The values of an answer as objects of the pipeline: instances of the shape's classes, or custom objects with the shape's properties.</summary>
internal static class AnswerObjects
{
    private const string InputName = "Input";
    private const string ValueName = "Value";

    /// <summary>The objects of an answer: one, or for a list one for each item.</summary>
    /// <exception cref="InvalidOperationException">A class refused a value.</exception>
    public static IReadOnlyList<object?> From(ShapedAnswer answer)
    {
        ShapeNode? root = answer.Shape.Root;
        return answer.Shape.IsList && answer.Value is List<object?> items
            ? [.. items.Select(item => Make(item, root?.Item))]
            : [Make(answer.Value, root)];
    }

    /// <summary>The object with its input as a further property. A single value becomes an object with both.</summary>
    public static PSObject WithInput(object? value, object? input)
    {
        PSObject target = value is null or string or ValueType ? Custom([new(ValueName, value)]) : PSObject.AsPSObject(value);

        // Only an open JSON Schema lets the answer have properties that were not known when the parameter was checked.
        string name = InputName;
        while (target.Properties[name] is not null)
        {
            name = "Prompt" + name;
        }

        target.Properties.Add(new PSNoteProperty(name, input));
        return target;
    }

    /// <summary>Why the objects of a shape can't have their input as a property; <see langword="null"/> when they can.</summary>
    public static string? InputConflict(AnswerShape shape)
    {
        IEnumerable<string> names = shape.IsList ? shape.Root?.Item?.Members.Select(static member => member.Name) ?? [] : shape.Members;
        return names.FirstOrDefault(static name => name.Equals(InputName, StringComparison.OrdinalIgnoreCase)) is { } taken
            ? $"-IncludeInput adds a property '{InputName}', and the shape has a property '{taken}'. Use another name in the shape, or leave out -IncludeInput."
            : null;
    }

    private static object? Make(object? value, ShapeNode? node) => value switch
    {
        AnswerObject members when node is { Kind: ShapeKind.Record, Type: { } type } => Instance(members, node, type),
        AnswerObject members when node is { Kind: ShapeKind.Map, Type: { } type } => Map(members, node, type),
        AnswerObject members => Custom([.. members.Members.Select((member, i) => new KeyValuePair<string, object?>(
            member.Key,
            Make(member.Value, node?.Kind == ShapeKind.Record ? node.Members[i].Shape : null)))]),
        List<object?> items => Collection([.. items.Select(item => Make(item, node?.Item))], node),
        _ => value,
    };

    private static PSObject Custom(IReadOnlyList<KeyValuePair<string, object?>> members)
    {
        PSObject custom = new();
        foreach (KeyValuePair<string, object?> member in members)
        {
            custom.Properties.Add(new PSNoteProperty(member.Key, member.Value));
        }

        return custom;
    }

    private static object Instance(AnswerObject members, ShapeNode node, Type type)
    {
        try
        {
            object instance = Activator.CreateInstance(type)!;
            for (int i = 0; i < members.Members.Count; i++)
            {
                object? value = Make(members.Members[i].Value, node.Members[i].Shape);
                type.GetProperty(members.Members[i].Key)!.SetValue(instance, value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value);
            }

            return instance;
        }
        catch (TargetInvocationException e)
        {
            throw new InvalidOperationException($"The type {type.Name} refused a value: {e.InnerException!.Message}", e.InnerException);
        }
    }

    private static object Map(AnswerObject members, ShapeNode node, Type type)
    {
        IDictionary map = !type.IsInterface
            ? type == typeof(Hashtable) ? new Hashtable(StringComparer.OrdinalIgnoreCase) : (IDictionary)Activator.CreateInstance(type)!
            : type.IsGenericType ? (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(type.GetGenericArguments()))!
            : new OrderedDictionary(StringComparer.OrdinalIgnoreCase);
        foreach (KeyValuePair<string, object?> member in members.Members)
        {
            map.Add(member.Key, Make(member.Value, node.Item));
        }

        return map;
    }

    private static object Collection(List<object?> items, ShapeNode? node)
    {
        Type? type = node?.Type;
        Type element = type is { IsArray: true } ? type.GetElementType()!
            : type is not null ? type.GetInterfaces().Append(type).FirstOrDefault(static candidate => candidate.IsGenericType && candidate.GetGenericTypeDefinition() == typeof(IEnumerable<>))?.GetGenericArguments()[0] ?? typeof(object)
            : node?.Item is { Type: { } named } item && !(item.IsOptional && named.IsValueType) ? named
            : typeof(object);
        Array array = Array.CreateInstance(element, items.Count);
        for (int i = 0; i < items.Count; i++)
        {
            array.SetValue(items[i], i);
        }

        if (type is null || type.IsAssignableFrom(array.GetType()))
        {
            return array;
        }

        if (type.GetConstructor([typeof(IEnumerable<>).MakeGenericType(element)]) is { } constructor)
        {
            return constructor.Invoke([array]);
        }

        IList list = (IList)Activator.CreateInstance(type)!;
        foreach (object? value in items)
        {
            list.Add(value);
        }

        return list;
    }
}
