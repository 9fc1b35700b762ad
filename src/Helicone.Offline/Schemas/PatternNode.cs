using System.Collections.Generic;

namespace Helicone.Offline.Schemas;

/// <summary>A part of a regular expression.</summary>
internal abstract record PatternNode
{
    /// <summary>One of some characters.</summary>
    public sealed record Characters(IReadOnlyList<char> Candidates) : PatternNode;

    /// <summary>One part after the other.</summary>
    public sealed record Sequence(IReadOnlyList<PatternNode> Parts) : PatternNode;

    /// <summary>One of some parts.</summary>
    public sealed record Either(IReadOnlyList<PatternNode> Options) : PatternNode;

    /// <summary>A part that repeats.</summary>
    public sealed record Repeat(PatternNode Part, int Least, int Most) : PatternNode;

    /// <summary>A group whose text a later part may repeat.</summary>
    public sealed record Group(PatternNode Part, int Number, string? Name) : PatternNode;

    /// <summary>The text of an earlier group.</summary>
    public sealed record Back(int Number, string? Name) : PatternNode;
}
