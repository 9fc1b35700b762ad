using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Chat;
using Helicone.Errors;
using Helicone.Runtime;

namespace Helicone.Commands;

/// <summary>Prints an answer as it arrives. What it prints is for the person; the pipeline gets the whole answer with -PassThru.</summary>
[Cmdlet(VerbsCommon.Show, "HeliconeStream")]
[OutputType(typeof(ChatCompletion))]
public sealed class ShowHeliconeStreamCommand : HeliconeCommand
{
    private AnswerScreen? _screen;

    /// <summary>The chunks of <c>Invoke-HeliconeChat -Stream</c>.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    public PSObject InputObject { get; set; } = null!;

    /// <summary>Gives the whole answer out when it has arrived.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>Prints the text as it was written: Markdown isn't rendered, and no line about the call follows.</summary>
    [Parameter]
    public SwitchParameter Raw { get; set; }

    private AnswerScreen Screen => _screen ??= new AnswerScreen(this, Raw);

    private protected override Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        switch (InputObject.BaseObject)
        {
            case ChatChunk chunk:
                Screen.Add(chunk);
                Finish(chunk.Completion);
                break;
            case ChatCompletion completion:
                Screen.Add(completion);
                Finish(completion);
                break;
            default:
                WriteError(ErrorRecords.Invalid(InvalidInput.Stream, new PSArgumentException($"A {InputObject.BaseObject.GetType().Name} isn't a chunk of an answer."), InputObject));
                break;
        }

        return Task.CompletedTask;
    }

    private protected override Task EndProcessingAsync(CancellationToken cancellationToken)
    {
        EndStream();
        return Task.CompletedTask;
    }

    private protected override Task AbandonAsync()
    {
        _screen?.Abandon();
        return Task.CompletedTask;
    }

    private void Finish(ChatCompletion? completion)
    {
        if (completion is null)
        {
            return;
        }

        Screen.End(completion);
        if (PassThru)
        {
            Screen.Write(completion);
        }
    }
}
