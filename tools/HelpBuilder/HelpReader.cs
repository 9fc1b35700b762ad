using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using Markdig;
using Markdig.Extensions.Yaml;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace HelpBuilder;

/// <summary>Reads the help of one cmdlet: markdown as platyPS writes it, schema 2.0.0. Strict, since a lenient reader drops help without a word.</summary>
internal sealed class HelpReader
{
    private const string Schema = "2.0.0";
    private const string CommonParameters = "CommonParameters";
    private const string End = "[<CommonParameters>] ";

    private static readonly string[] s_sections = ["SYNOPSIS", "SYNTAX", "DESCRIPTION", "EXAMPLES", "PARAMETERS", "INPUTS", "OUTPUTS", "NOTES", "RELATED LINKS"];

    private static readonly MarkdownPipeline s_markdown = new MarkdownPipelineBuilder().UseYamlFrontMatter().UsePipeTables().Build();

    private readonly Section _root;

    private HelpReader(Section root) => _root = root;

    /// <param name="path">The markdown, named after the cmdlet.</param>
    /// <param name="helpFile">The file that the help is for; the front matter has to name it.</param>
    /// <exception cref="HelpSourceException">The file is not as it should be.</exception>
    public static CmdletHelp Read(string path, string helpFile)
    {
        string name = Path.GetFileNameWithoutExtension(path);
        MarkdownDocument document = Markdown.Parse(File.ReadAllText(path), s_markdown);
        CheckFrontMatter(document, helpFile);
        Section root = Section.Read(document);
        if (root.Title != name)
        {
            throw new HelpSourceException(root.Line, $"The heading is '{root.Title}', and the file is named after '{name}'.");
        }

        if (!root.Children.Select(section => section.Title).SequenceEqual(s_sections))
        {
            Section? odd = root.Children.Where((section, index) => s_sections.ElementAtOrDefault(index) != section.Title).FirstOrDefault();
            throw new HelpSourceException((odd ?? root.Children.LastOrDefault() ?? root).Line, $"The sections are not these, in this order: {string.Join(", ", s_sections)}.");
        }

        return new HelpReader(root).Read();
    }

    private static void CheckFrontMatter(MarkdownDocument document, string helpFile)
    {
        YamlFrontMatterBlock block = document.OfType<YamlFrontMatterBlock>().FirstOrDefault() ?? throw new HelpSourceException(1, "The file does not begin with front matter between lines of '---'.");
        Facts facts = Facts.Read(block.Lines.ToString(), block.Line + 2);
        facts.Demand("external help file", helpFile);
        facts.Demand("Module Name", "Helicone");
        facts.Demand("schema", Schema);
        _ = facts.Text("online version");
        facts.Close();
    }

    private CmdletHelp Read()
    {
        List<ParameterHelp> parameters = [];
        foreach (Section section in Named("PARAMETERS").Children)
        {
            if (section.Title != CommonParameters)
            {
                ParameterHelp parameter = Parameter(section);
                parameters.Add(parameters.All(other => other.Name != parameter.Name) ? parameter : throw new HelpSourceException(section.Line, $"-{parameter.Name} is described twice."));
            }
            else if (section != Named("PARAMETERS").Children[^1])
            {
                throw new HelpSourceException(section.Line, "CommonParameters stand last.");
            }
        }

        IReadOnlyList<string> synopsis = Text("SYNOPSIS");
        return new CmdletHelp(
            _root.Title,
            synopsis is [string only] ? only : throw new HelpSourceException(Named("SYNOPSIS").Line, "The synopsis is one paragraph."),
            Text("DESCRIPTION"),
            Syntax(parameters),
            parameters,
            [.. Demanded("EXAMPLES").Select(Example)],
            [.. Demanded("INPUTS").Select(Type)],
            [.. Demanded("OUTPUTS").Select(Type)],
            Prose.Paragraphs(Named("NOTES").Blocks),
            [.. Named("RELATED LINKS").Blocks.SelectMany(Links)]);
    }

    private Section Named(string title) => _root.Children.First(section => section.Title == title);

    private IReadOnlyList<string> Text(string title) => Text(Named(title));

    private static IReadOnlyList<string> Text(Section section) => Prose.Paragraphs(section.Blocks) is { Count: > 0 } paragraphs
        ? paragraphs
        : throw new HelpSourceException(section.Line, $"'{section.Title}' says nothing.");

    private List<Section> Demanded(string title) => Named(title).Children is { Count: > 0 } children
        ? children
        : throw new HelpSourceException(Named(title).Line, $"There is nothing in {title}.");

    private static ExampleHelp Example(Section section, int index)
    {
        string start = string.Create(CultureInfo.InvariantCulture, $"Example {index + 1}: ");
        if (!section.Title.StartsWith(start, StringComparison.Ordinal))
        {
            throw new HelpSourceException(section.Line, $"The title of this example begins with '{start}'.");
        }

        return section.Blocks is [FencedCodeBlock code, .. var rest]
            ? new ExampleHelp(section.Title, Prose.Code(code), Prose.Paragraphs(rest))
            : throw new HelpSourceException(section.Line, "An example begins with the code that is typed, between lines of ```.");
    }

    private static TypeHelp Type(Section section) => new(section.Title, Text(section));

    private static ParameterHelp Parameter(Section section)
    {
        if (!section.Title.StartsWith('-'))
        {
            throw new HelpSourceException(section.Line, $"The name of a parameter begins with '-', and '{section.Title}' does not.");
        }

        if (section.Blocks is not [.. var prose, FencedCodeBlock { Info: "yaml" } block])
        {
            throw new HelpSourceException(section.Line, $"The description of {section.Title} ends with one block of ```yaml.");
        }

        Facts facts = Facts.Read(block.Lines.ToString(), block.Line + 2);
        ParameterHelp parameter = new(
            section.Title[1..],
            facts.Needed("Type"),
            facts.List("Parameter Sets"),
            facts.List("Aliases"),
            facts.Optional("Accepted values"),
            facts.Flag("Required"),
            facts.Position("Position"),
            facts.Needed("Default value"),
            facts.OneOf("Accept pipeline input", "False", "True (ByValue)", "True (ByPropertyName)", "True (ByPropertyName, ByValue)"),
            facts.Flag("Accept wildcard characters"),
            Prose.Paragraphs(prose) is { Count: > 0 } paragraphs ? paragraphs : throw new HelpSourceException(section.Line, $"{section.Title} is not described."));
        facts.Close();
        return parameter;
    }

    /// <summary>The parameters of each set, in the order in which SYNTAX has them, which has to say the same as PARAMETERS.</summary>
    private List<IReadOnlyList<ParameterHelp>> Syntax(List<ParameterHelp> parameters)
    {
        Section syntax = Named("SYNTAX");
        List<(string Set, Section Section)> sets = syntax.Children.Count == 0
            ? [(ParameterHelp.AllSets, syntax)]
            : [.. syntax.Children.Select(section => (section.Title.Replace(" (Default)", string.Empty, StringComparison.Ordinal), section))];
        List<IReadOnlyList<ParameterHelp>> lines = [];
        foreach ((string set, Section section) in sets)
        {
            lines.Add(Line(section, [.. parameters.Where(parameter => parameter.IsIn(set))]));
        }

        string? unknown = parameters.SelectMany(parameter => parameter.Sets).FirstOrDefault(set => set != ParameterHelp.AllSets && sets.All(known => known.Set != set));
        return unknown is null ? lines : throw new HelpSourceException(syntax.Line, $"A parameter is of the set '{unknown}', and SYNTAX has none of this name.");
    }

    private IReadOnlyList<ParameterHelp> Line(Section section, List<ParameterHelp> parameters)
    {
        string text = section.Blocks is [CodeBlock code] ? string.Join(' ', Prose.Code(code).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)) + " " : string.Empty;
        string start = _root.Title + " ";
        if (!text.StartsWith(start, StringComparison.Ordinal) || !text.EndsWith(End, StringComparison.Ordinal))
        {
            throw new HelpSourceException(section.Line, $"A syntax is one block of code that begins with {start}and ends with {End}.");
        }

        List<ParameterHelp> line = [];
        for (string rest = text[start.Length..]; rest != End; rest = rest[(line[^1].ToString().Length + 1)..])
        {
            ParameterHelp next = parameters.FirstOrDefault(parameter => rest.StartsWith(parameter + " ", StringComparison.Ordinal))
                ?? throw new HelpSourceException(section.Line, $"SYNTAX and PARAMETERS differ: none of the parameters of this set is written as the first here: {rest}");
            line.Add(next);
        }

        return line.Count == parameters.Count && !parameters.Except(line).Any()
            ? line
            : throw new HelpSourceException(section.Line, $"SYNTAX and PARAMETERS differ: {string.Join(", ", parameters.Except(line).DefaultIfEmpty(line[^1]))} is not here once.");
    }

    private static IEnumerable<LinkHelp> Links(Block block) => block is ListBlock list
        ? list.Select(item => item is ListItemBlock and [ParagraphBlock { Inline: { } inlines }] && inlines.ToArray() is [LinkInline link]
            ? new LinkHelp(Prose.Text(link, item.Line + 1), link.Url ?? string.Empty)
            : throw new HelpSourceException(item.Line + 1, "An item of RELATED LINKS is one link and nothing else."))
        : throw new HelpSourceException(block.Line + 1, "RELATED LINKS is a list of links.");
}
