namespace Helicone.Chat;

/// <summary>The kind of a content part.</summary>
public enum ContentPartKind
{
    /// <summary>An unknown kind. <see cref="ContentPart.Json"/> contains it unchanged.</summary>
    Other,

    /// <summary>Text.</summary>
    Text,

    /// <summary>An image, by address or as data.</summary>
    Image,

    /// <summary>Sound, as data.</summary>
    Audio,

    /// <summary>A file such as a PDF, by id or as data.</summary>
    File,

    /// <summary>The model's refusal.</summary>
    Refusal,

    /// <summary>The model's reasoning, possibly with a signature that must be sent back.</summary>
    Reasoning,
}
