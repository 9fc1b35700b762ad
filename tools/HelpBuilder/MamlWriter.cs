using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace HelpBuilder;

/// <summary>Writes MAML, the XML that Get-Help reads.</summary>
internal static class MamlWriter
{
    private static readonly XNamespace s_help = "http://msh";
    private static readonly XNamespace s_maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace s_command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace s_dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    public static void Write(IEnumerable<CmdletHelp> cmdlets, string path, string address)
    {
        XElement root = new(s_help + "helpItems", new XAttribute("schema", "maml"), cmdlets.Select(cmdlet => Command(cmdlet, $"{address.TrimEnd('/')}/{cmdlet.Name}.md")));
        XmlWriterSettings settings = new() { Indent = true, NewLineChars = "\n", NewLineHandling = NewLineHandling.None, Encoding = new UTF8Encoding(false) };
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Directory.CreateDirectory(folder);

        // Whoever reads it meanwhile reads the old one or the new one, never a half.
        string draft = Path.Combine(folder, Path.GetRandomFileName());
        using (XmlWriter writer = XmlWriter.Create(draft, settings))
        {
            root.Save(writer);
        }

        File.Move(draft, path, overwrite: true);
    }

    private static XElement Command(CmdletHelp cmdlet, string page) => new(
        s_command + "command",
        new XAttribute(XNamespace.Xmlns + "maml", s_maml),
        new XAttribute(XNamespace.Xmlns + "command", s_command),
        new XAttribute(XNamespace.Xmlns + "dev", s_dev),
        new XElement(
            s_command + "details",
            new XElement(s_command + "name", cmdlet.Name),
            new XElement(s_command + "verb", cmdlet.Name.Split('-')[0]),
            new XElement(s_command + "noun", cmdlet.Name.Split('-')[1]),
            Description([cmdlet.Synopsis])),
        Description(cmdlet.Description),
        new XElement(
            s_command + "syntax",
            cmdlet.Syntax.Select(set => new XElement(
                s_command + "syntaxItem",
                new XElement(s_maml + "name", cmdlet.Name),
                set.Select(parameter => Parameter(parameter, inSyntax: true))))),
        new XElement(s_command + "parameters", cmdlet.Parameters.Select(parameter => Parameter(parameter, inSyntax: false))),
        new XElement(s_command + "inputTypes", cmdlet.Inputs.Select(type => Type("inputType", type))),
        new XElement(s_command + "returnValues", cmdlet.Outputs.Select(type => Type("returnValue", type))),
        cmdlet.Notes.Count == 0 ? null : new XElement(s_maml + "alertSet", new XElement(s_maml + "alert", Paragraphs(cmdlet.Notes))),
        new XElement(s_command + "examples", cmdlet.Examples.Select(Example)),
        new XElement(
            s_command + "relatedLinks",

            // Get-Help -Online opens the first address.
            new XElement(s_maml + "navigationLink", new XElement(s_maml + "linkText", "Online Version:"), new XElement(s_maml + "uri", page)),
            cmdlet.Links.Select(link => new XElement(
                s_maml + "navigationLink",
                new XElement(s_maml + "linkText", link.Text),
                new XElement(s_maml + "uri", Uri.IsWellFormedUriString(link.Uri, UriKind.Absolute) ? link.Uri : null)))));

    private static XElement Parameter(ParameterHelp parameter, bool inSyntax)
    {
        XElement element = new(
            s_command + "parameter",
            new XAttribute("required", Flag(parameter.Required)),
            new XAttribute("variableLength", "true"),
            new XAttribute("globbing", Flag(parameter.Wildcards)),
            new XAttribute("pipelineInput", parameter.PipelineInput),
            new XAttribute("position", parameter.Position),
            new XAttribute("aliases", parameter.Aliases.Count == 0 ? "none" : string.Join(", ", parameter.Aliases)),
            new XElement(s_maml + "name", parameter.Name),
            Description(parameter.Description));
        if (inSyntax && parameter.AcceptedValues.Count > 0)
        {
            element.Add(new XElement(s_command + "parameterValueGroup", parameter.AcceptedValues.Select(Value)));
        }

        if (!(inSyntax && parameter.IsSwitch))
        {
            element.Add(Value(parameter.Type));
        }

        element.Add(
            new XElement(s_dev + "type", new XElement(s_maml + "name", parameter.Type), new XElement(s_maml + "uri")),
            new XElement(s_dev + "defaultValue", parameter.DefaultValue));
        return element;
    }

    private static XElement Value(string text) => new(s_command + "parameterValue", new XAttribute("required", "true"), new XAttribute("variableLength", "false"), text);

    private static XElement Type(string name, TypeHelp type) => new(
        s_command + name,
        new XElement(s_dev + "type", new XElement(s_maml + "name", type.Name)),
        Description(type.Description));

    private static XElement Example(ExampleHelp example) => new(
        s_command + "example",
        new XElement(s_maml + "title", $"-------- {example.Title} --------"),
        new XElement(s_dev + "code", example.Code),

        // The empty one keeps the next title off the last line.
        new XElement(s_dev + "remarks", Paragraphs([.. example.Remarks, string.Empty])));

    private static XElement Description(IEnumerable<string> paragraphs) => new(s_maml + "description", Paragraphs(paragraphs));

    private static IEnumerable<XElement> Paragraphs(IEnumerable<string> paragraphs) => paragraphs.Select(text => new XElement(s_maml + "para", text));

    private static string Flag(bool value) => value ? "true" : "false";
}
