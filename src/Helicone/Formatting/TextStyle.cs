using System;

namespace Helicone.Formatting;

/// <summary>The appearance of a piece of text on a terminal.</summary>
[Flags]
internal enum TextStyle
{
    None = 0,
    Bold = 1,
    Dim = 2,
    Italic = 4,
    Strikethrough = 8,
    Code = 16,
    Heading = 32,
    Link = 64,
}
