using System.Collections.Generic;

namespace HelpBuilder;

/// <summary>The help of one cmdlet. Prose is a list of paragraphs.</summary>
internal sealed record CmdletHelp(
    string Name,
    string Synopsis,
    IReadOnlyList<string> Description,
    IReadOnlyList<IReadOnlyList<ParameterHelp>> Syntax,
    IReadOnlyList<ParameterHelp> Parameters,
    IReadOnlyList<ExampleHelp> Examples,
    IReadOnlyList<TypeHelp> Inputs,
    IReadOnlyList<TypeHelp> Outputs,
    IReadOnlyList<string> Notes,
    IReadOnlyList<LinkHelp> Links);

/// <summary>One example: a title, what is typed, and what is said about it.</summary>
internal sealed record ExampleHelp(string Title, string Code, IReadOnlyList<string> Remarks);

/// <summary>A type that a cmdlet takes from the pipeline or gives out.</summary>
internal sealed record TypeHelp(string Name, IReadOnlyList<string> Description);

/// <summary>A related link: another topic, or an address.</summary>
internal sealed record LinkHelp(string Text, string Uri);
