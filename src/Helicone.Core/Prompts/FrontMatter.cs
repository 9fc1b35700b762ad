using System;
using System.Collections.Generic;
using System.IO;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Helicone.Prompts;

/// <summary>Reads YAML. The only type that uses YamlDotNet, so that its callers can load that first.</summary>
/// <remarks>Plain data only: no aliases, which can make a small file huge, and no tags.</remarks>
internal sealed class FrontMatter
{
    private const int MaxDepth = 32;

    private readonly string _path;
    private readonly int _firstLine;
    private readonly Parser _parser;

    private FrontMatter(string yaml, string path, int firstLine) => (_path, _firstLine, _parser) = (path, firstLine, new Parser(new StringReader(yaml)));

    /// <summary>Reads the members of a front matter.</summary>
    /// <param name="yaml">The text.</param>
    /// <param name="path">The file.</param>
    /// <param name="firstLine">The line of the file at which the text starts, from 1.</param>
    /// <exception cref="PromptFileException">The text isn't valid.</exception>
    internal static List<KeyValuePair<PromptNode, PromptNode>> Read(string yaml, string path, int firstLine)
    {
        FrontMatter reader = new(yaml, path, firstLine);
        try
        {
            return reader.Document();
        }
        catch (YamlException e)
        {
            throw reader.Problem(e.Start, Sentence(e.Message), e);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or OverflowException)
        {
            // The exceptions that YamlDotNet's scanner throws for some invalid texts contain no place.
            throw reader.Problem(reader._parser.Current?.End ?? Mark.Empty, "This isn't valid YAML.", e);
        }
    }

    private static string Sentence(string message) => message.EndsWith(".", StringComparison.Ordinal) ? message : message + ".";

    private List<KeyValuePair<PromptNode, PromptNode>> Document()
    {
        _ = _parser.MoveNext();
        if (!_parser.MoveNext() || _parser.Current is not DocumentStart)
        {
            return [];
        }

        _ = _parser.MoveNext();
        PromptNode root = Node(0);
        bool isEmpty = root is { IsPlain: true, Value: null };
        return root.Members ?? (isEmpty ? [] : throw new PromptFileException(_path, root.Line, root.Column, "The front matter must be fields such as 'model: gpt-4o-mini'."));
    }

    private PromptNode Node(int depth)
    {
        ParsingEvent current = _parser.Current!;
        if (depth > MaxDepth)
        {
            throw Problem(current.Start, $"The value is nested more than {MaxDepth} levels deep.");
        }

        if (current is AnchorAlias || current is NodeEvent { Anchor.IsEmpty: false })
        {
            throw Problem(current.Start, "YAML anchors and aliases aren't supported in a prompt file. Repeat the value.");
        }

        if (current is NodeEvent { Tag: { IsEmpty: false, IsNonSpecific: false } })
        {
            throw Problem(current.Start, "YAML tags (!) aren't supported in a prompt file. Put the text in quotes.");
        }

        (int line, int column) = Place(current.Start);
        switch (current)
        {
            case Scalar scalar:
                _ = _parser.MoveNext();
                return new PromptNode(line, column)
                {
                    Text = scalar.Value,
                    IsPlain = scalar.Style == ScalarStyle.Plain,
                    ContentLine = scalar.Style == ScalarStyle.Literal ? line + 1 : null,
                };
            case SequenceStart:
                List<PromptNode> items = [];
                _ = _parser.MoveNext();
                while (_parser.Current is not SequenceEnd)
                {
                    items.Add(Node(depth + 1));
                }

                _ = _parser.MoveNext();
                return new PromptNode(line, column) { Items = items };
            case MappingStart:
                List<KeyValuePair<PromptNode, PromptNode>> members = [];
                HashSet<string> names = new(StringComparer.Ordinal);
                _ = _parser.MoveNext();
                while (_parser.Current is not MappingEnd)
                {
                    PromptNode key = Node(depth + 1);
                    if (key.Text is null)
                    {
                        throw new PromptFileException(_path, key.Line, key.Column, "The name of a field must be text.");
                    }

                    if (!names.Add(key.Text))
                    {
                        throw new PromptFileException(_path, key.Line, key.Column, $"The field '{key.Text}' appears twice.");
                    }

                    members.Add(new(key, Node(depth + 1)));
                }

                _ = _parser.MoveNext();
                return new PromptNode(line, column) { Members = members };
            default:
                throw Problem(current.Start, "This isn't valid YAML.");
        }
    }

    private PromptFileException Problem(Mark mark, string problem, Exception? cause = null)
    {
        (int line, int column) = Place(mark);
        return new PromptFileException(_path, line, column, problem, cause);
    }

    private (int Line, int Column) Place(Mark mark) => ((int)Math.Max(1, mark.Line) + _firstLine - 1, (int)Math.Max(1, mark.Column));
}
