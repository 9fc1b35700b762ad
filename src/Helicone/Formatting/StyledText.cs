using System.Text;

namespace Helicone.Formatting;

/// <summary>A piece of text with one style.</summary>
/// <param name="Text">The text, without anything that would drive the terminal.</param>
/// <param name="Style">The style.</param>
internal readonly record struct StyledText(string Text, TextStyle Style)
{
    /// <summary>Ends every style.</summary>
    public const string Reset = "\u001b[0m";

    /// <summary>The text for a terminal. It leaves no style behind.</summary>
    public override string ToString() => Style == TextStyle.None || Text.Length == 0 ? Text : Begin(Style) + Text + Reset;

    private static string Begin(TextStyle style)
    {
        StringBuilder codes = new("\u001b[0");
        Add(TextStyle.Bold, ";1");
        Add(TextStyle.Dim, ";2");
        Add(TextStyle.Italic, ";3");
        Add(TextStyle.Strikethrough, ";9");

        // Colors of the terminal's own palette, which the user has chosen to be readable.
        if (style.HasFlag(TextStyle.Code))
        {
            codes.Append(";36");
        }
        else
        {
            Add(TextStyle.Link, ";94");
            Add(TextStyle.Heading, ";35");
        }

        return codes.Append('m').ToString();

        void Add(TextStyle part, string code)
        {
            if (style.HasFlag(part))
            {
                codes.Append(code);
            }
        }
    }
}
