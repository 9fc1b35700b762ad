using System.Collections.Generic;
using System.Linq;
using Markdig.Syntax;

namespace HelpBuilder;

/// <summary>A heading with what stands below it.</summary>
internal sealed record Section(string Title, int Level, int Line)
{
    public List<Block> Blocks { get; } = [];

    public List<Section> Children { get; } = [];

    /// <summary>The document as a tree: the cmdlet's name, its sections, and the examples, parameters and types in them.</summary>
    public static Section Read(MarkdownDocument document)
    {
        Stack<Section> open = new();
        Section? root = null;
        foreach (Block block in document.Where(block => block is not Markdig.Extensions.Yaml.YamlFrontMatterBlock and not LinkReferenceDefinitionGroup))
        {
            if (block is not HeadingBlock heading)
            {
                (open.Count > 0 ? open.Peek() : throw new HelpSourceException(block.Line + 1, "Text stands before the first heading.")).Blocks.Add(block);
                continue;
            }

            Section section = new(Prose.Text(heading), heading.Level, heading.Line + 1);
            while (open.Count > 0 && open.Peek().Level >= section.Level)
            {
                open.Pop();
            }

            if (section.Level != open.Count + 1 || section.Level > 3)
            {
                throw new HelpSourceException(section.Line, $"The heading '{section.Title}' is on level {section.Level}: '#' is the cmdlet, '##' a section, '###' an example, a parameter, a type or a parameter set.");
            }

            if (open.Count > 0)
            {
                open.Peek().Children.Add(section);
            }
            else
            {
                root = root is null ? section : throw new HelpSourceException(section.Line, "There is a second '#' heading.");
            }

            open.Push(section);
        }

        return root ?? throw new HelpSourceException(1, "There is no heading.");
    }
}
