using System.Collections.Generic;
using Helicone.Chat;

namespace Helicone.Schemas;

/// <summary>An answer that has the shape that was asked for.</summary>
public sealed class ShapedAnswer
{
    internal ShapedAnswer(AnswerShape shape, object? value, IReadOnlyList<ChatCompletion> completions)
    {
        Shape = shape;
        Value = value;
        Completions = completions;
    }

    /// <summary>The shape.</summary>
    public AnswerShape Shape { get; }

    /// <summary>The value: an <see cref="AnswerObject"/>, a list, or a single value.</summary>
    public object? Value { get; }

    /// <summary>The answer that the value was read from.</summary>
    public ChatCompletion Completion => Completions[Completions.Count - 1];

    /// <summary>Every answer that was paid for: one, or two when the first didn't fit.</summary>
    public IReadOnlyList<ChatCompletion> Completions { get; }
}
