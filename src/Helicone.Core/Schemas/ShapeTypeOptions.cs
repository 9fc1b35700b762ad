using System;
using System.Collections.Generic;
using System.Reflection;

namespace Helicone.Schemas;

/// <summary>The additions of the caller's language to .NET types: names, and attributes on properties.</summary>
public sealed class ShapeTypeOptions
{
    /// <summary>Finds a type by a name that isn't one of the built-in ones, such as <c>string</c> or <c>datetime</c>.</summary>
    public Func<string, Type?>? Resolve { get; init; }

    /// <summary>Indicates whether a property is left out of the shape.</summary>
    public Func<PropertyInfo, bool>? IsHidden { get; init; }

    /// <summary>Indicates whether a property may be <see langword="null"/> although its type isn't a <see cref="Nullable{T}"/>.</summary>
    public Func<PropertyInfo, bool>? IsOptional { get; init; }

    /// <summary>The only values that a text property accepts; <see langword="null"/> for any.</summary>
    public Func<PropertyInfo, IReadOnlyList<string>?>? ChoicesOf { get; init; }
}
