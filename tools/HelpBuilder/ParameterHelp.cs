using System.Collections.Generic;
using System.Linq;

namespace HelpBuilder;

/// <summary>One parameter. Facts that the assembly also knows are compared with it by the tests.</summary>
internal sealed record ParameterHelp(
    string Name,
    string Type,
    IReadOnlyList<string> Sets,
    IReadOnlyList<string> Aliases,
    IReadOnlyList<string> AcceptedValues,
    bool Required,
    string Position,
    string DefaultValue,
    string PipelineInput,
    bool Wildcards,
    IReadOnlyList<string> Description)
{
    public const string AllSets = "(All)";

    public bool IsSwitch => Type == "SwitchParameter";

    public bool IsNamed => Position == "named";

    public bool IsIn(string set) => Sets.Contains(AllSets) || Sets.Contains(set);

    /// <summary>How the parameter stands in a line of syntax: <c>[[-Prompt] &lt;String&gt;]</c>.</summary>
    public override string ToString()
    {
        string name = IsNamed ? "-" + Name : "[-" + Name + "]";
        string text = IsSwitch ? name : name + " <" + Type + ">";
        return Required ? text : "[" + text + "]";
    }
}
