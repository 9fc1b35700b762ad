using System.Linq;
using System.Management.Automation;
using Helicone.Chat;
using Helicone.Formatting;

namespace Helicone.Commands;

/// <summary>Converts answers, chunks, and other objects to text that is safe to write to a terminal. Control characters are shown, not executed.</summary>
/// <remarks>
/// The hidden properties in Helicone.Types.ps1xml call it by name. Import-Module compiles their scripts before it loads this assembly, and a name
/// of a command is all that it doesn't look up then: a type literal in one of them made an import a third longer.
/// </remarks>
[Cmdlet(VerbsData.ConvertTo, "HeliconeText", DefaultParameterSetName = TextSet)]
[OutputType(typeof(string))]
public sealed class ConvertToHeliconeTextCommand : EngineCommand
{
    private const string TextSet = "Text";
    private const string PropertySet = "Property";
    private const string FooterSet = "Footer";

    /// <summary>An answer, a chunk, text, or any other object.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [AllowNull]
    [AllowEmptyString]
    public PSObject? InputObject { get; set; }

    /// <summary>Properties whose values are joined on one line.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = PropertySet)]
    [ValidateNotNullOrEmpty]
    public string[] Property { get; set; } = [];

    /// <summary>Returns the line about the call instead of the answer's text.</summary>
    [Parameter(Mandatory = true, ParameterSetName = FooterSet)]
    public SwitchParameter Footer { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (InputObject is { } input)
        {
            WriteObject(ParameterSetName switch
            {
                PropertySet => Cell.Join([.. Property.Select(name => input.Properties[name]?.Value)]),
                FooterSet when Footer => CompletionView.Call(input),
                _ => Text(input),
            });
        }
    }

    private static string? Text(PSObject input) =>
        input.BaseObject is ChatChunk ? CompletionView.Piece(input)
        : input.BaseObject is ChatCompletion || input.TypeNames.Contains("Deserialized." + typeof(ChatCompletion).FullName) ? CompletionView.Answer(input)
        : Cell.Lines(input);
}
