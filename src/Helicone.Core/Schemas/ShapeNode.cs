using System;
using System.Collections.Generic;

namespace Helicone.Schemas;

/// <summary>One value in a shape: its JSON form, and the .NET type that it becomes.</summary>
public sealed class ShapeNode
{
    // Shared by the copies of a node. A class can contain itself, so the list is filled after the node exists.
    private readonly List<ShapeMember> _members = [];

    internal ShapeNode(ShapeKind kind, Type? type = null)
    {
        Kind = kind;
        Type = type;
    }

    /// <summary>The JSON form.</summary>
    public ShapeKind Kind { get; }

    /// <summary>The .NET type of the value. <see langword="null"/> for a plain value of the kind.</summary>
    public Type? Type { get; }

    /// <summary>Indicates whether the value may be <see langword="null"/>.</summary>
    public bool IsOptional { get; private set; }

    /// <summary>The shape of the values in a list or a map.</summary>
    public ShapeNode? Item { get; internal init; }

    /// <summary>The properties of an object, in order.</summary>
    public IReadOnlyList<ShapeMember> Members => _members;

    /// <summary>The values of a choice: text, whole numbers, decimals, and Booleans. The names, for a .NET enumeration.</summary>
    internal IReadOnlyList<object> Choices { get; init; } = [];

    /// <summary>Identifies an object's shape, whether it is optional or not.</summary>
    internal object Identity => _members;

    internal void Add(ShapeMember member) => _members.Add(member);

    /// <summary>The same shape, where the value may also be <see langword="null"/>.</summary>
    internal ShapeNode Optional()
    {
        if (IsOptional)
        {
            return this;
        }

        ShapeNode copy = (ShapeNode)MemberwiseClone();
        copy.IsOptional = true;
        return copy;
    }
}
