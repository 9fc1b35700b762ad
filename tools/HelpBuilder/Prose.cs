using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace HelpBuilder;

/// <summary>Markdown as the plain text that Get-Help shows. What has no place in plain text is refused, so that nothing disappears.</summary>
internal static class Prose
{
    private const string Indent = "    ";

    public static IReadOnlyList<string> Paragraphs(IEnumerable<Block> blocks) => [.. blocks.SelectMany(Paragraphs)];

    public static string Text(LeafBlock block) => Text(block.Inline, block.Line + 1);

    public static string Text(ContainerInline? inlines, int line)
    {
        StringBuilder text = new();
        Append(text, inlines, line);
        return text.ToString();
    }

    public static string Code(CodeBlock block) => block.Lines.ToString().TrimEnd();

    private static IEnumerable<string> Paragraphs(Block block) => block switch
    {
        ParagraphBlock paragraph => [Text(paragraph)],
        CodeBlock code => [Indent + Code(code).Replace("\n", "\n" + Indent, StringComparison.Ordinal)],

        // One paragraph: Get-Help puts an empty line after each.
        ListBlock list => [string.Join('\n', list.Cast<ListItemBlock>().Select((item, index) => Item(list, item, index)))],
        _ => throw new HelpSourceException(block.Line + 1, $"Get-Help cannot show a {block.GetType().Name}: write paragraphs, lists and code."),
    };

    private static string Item(ListBlock list, ListItemBlock item, int index) => item is [ParagraphBlock paragraph]
        ? (list.IsOrdered ? $"{index + 1}. " : "- ") + Text(paragraph)
        : throw new HelpSourceException(item.Line + 1, "An item of a list is one paragraph here.");

    private static void Append(StringBuilder text, ContainerInline? inlines, int line)
    {
        foreach (Inline inline in inlines ?? Enumerable.Empty<Inline>())
        {
            switch (inline)
            {
                case LiteralInline literal:
                    text.Append(literal.Content.AsSpan());
                    break;
                case CodeInline code:
                    text.Append(code.Content);
                    break;
                case HtmlEntityInline entity:
                    text.Append(entity.Transcoded.AsSpan());
                    break;
                case AutolinkInline address:
                    text.Append(address.Url);
                    break;
                case LineBreakInline:
                    text.Append(' ');
                    break;
                case LinkInline { IsImage: false } link:
                    int start = text.Length;
                    Append(text, link, line);
                    if (link.Url is { Length: > 0 } uri && !uri.EndsWith(".md", StringComparison.Ordinal) && text.ToString(start, text.Length - start) != uri)
                    {
                        text.Append(" (").Append(uri).Append(')');
                    }

                    break;
                case EmphasisInline emphasis:
                    Append(text, emphasis, line);
                    break;
                default:
                    throw new HelpSourceException(line, $"Get-Help cannot show '{inline}' ({inline.GetType().Name}): write <key> as `<key>`.");
            }
        }
    }
}
