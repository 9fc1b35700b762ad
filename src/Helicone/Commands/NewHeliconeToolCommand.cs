using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Errors;
using Helicone.Tools;
using Helicone.Transformation;

namespace Helicone.Commands;

/// <summary>Creates a tool for -Tool of Invoke-HeliconeChat: a command, or a script block, with the parameters that a model may use.</summary>
[Cmdlet(VerbsCommon.New, "HeliconeTool")]
[OutputType(typeof(HeliconeTool))]
public sealed class NewHeliconeToolCommand : HeliconeCommand
{
    /// <summary>A command name, a command, or a script block with parameters.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNull]
    public object Command { get; set; } = null!;

    /// <summary>The parameters that the model may use. All parameters of one parameter set when omitted.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNull]
    [AllowEmptyCollection]
    public string[]? Parameter { get; set; }

    /// <summary>The name that the model calls the tool by.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>The description for the model.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Description { get; set; }

    /// <summary>The parameter set of the command.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ParameterSet { get; set; }

    private protected override object? Target => Command;

    private protected override Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        if (TryRead(Make, Command, InvalidInput.Tool, out HeliconeTool? tool))
        {
            WriteObject(tool);
        }

        return Task.CompletedTask;
    }

    private HeliconeTool Make() => PlainValue.Unwrap(Command) is string or ScriptBlock or CommandInfo
        ? new ToolFactory(InvokeCommand).Make(Command, Name, Description, Parameter, ParameterSet)
        : throw new System.FormatException($"A {PlainValue.Unwrap(Command)?.GetType().Name} isn't a command. Pass a command name, a command, or a script block with parameters.");
}
