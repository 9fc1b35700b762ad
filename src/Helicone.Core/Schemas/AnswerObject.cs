using System.Collections.Generic;

namespace Helicone.Schemas;

/// <summary>A JSON object of an answer: names and values, in the order of the shape.</summary>
/// <remarks>A value is <see langword="null"/>, text, a number, a Boolean, a value of the shape's .NET type, another object, or a list.</remarks>
public sealed class AnswerObject
{
    internal AnswerObject(IReadOnlyList<KeyValuePair<string, object?>> members) => Members = members;

    /// <summary>The names and values.</summary>
    public IReadOnlyList<KeyValuePair<string, object?>> Members { get; }
}
