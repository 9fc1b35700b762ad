namespace Helicone.Chat;

/// <summary>A source that a model cites for its answer.</summary>
public sealed record ChatAnnotation
{
    /// <summary>The address of the source, or <see langword="null"/> when it is not on the web.</summary>
    public string? Url { get; init; }

    /// <summary>The title of the source.</summary>
    public string? Title { get; init; }

    /// <summary>The first character of the answer that cites the source, counted from 0; <see langword="null"/> when unknown.</summary>
    public int? StartIndex { get; init; }

    /// <summary>The character after the last one that cites the source; <see langword="null"/> when unknown.</summary>
    public int? EndIndex { get; init; }

    /// <summary>The title and the address.</summary>
    public override string ToString() => Title is null ? Url ?? string.Empty : Url is null ? Title : $"{Title} ({Url})";
}
