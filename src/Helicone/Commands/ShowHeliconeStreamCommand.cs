using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Chat;
using Helicone.Errors;
using Helicone.Formatting;

namespace Helicone.Commands;

/// <summary>Prints an answer as it arrives. What it prints is for the person; the pipeline gets the whole answer with -PassThru.</summary>
[Cmdlet(VerbsCommon.Show, "HeliconeStream")]
[OutputType(typeof(ChatCompletion))]
public sealed class ShowHeliconeStreamCommand : HeliconeCommand
{
    private StreamView? _view;

    /// <summary>The chunks of <c>Invoke-HeliconeChat -Stream</c>.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    public PSObject InputObject { get; set; } = null!;

    /// <summary>Gives the whole answer out when it has arrived.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        switch (InputObject.BaseObject)
        {
            case ChatChunk chunk:
                Print(chunk.Text.Length > 0 ? chunk.Text : chunk.Refusal ?? string.Empty);
                Finish(chunk.Completion);
                break;
            case ChatCompletion completion:
                Print(completion.Content.Length > 0 ? completion.Content : completion.Refusal ?? string.Empty);
                Finish(completion);
                break;
            default:
                WriteError(ErrorRecords.Invalid(InvalidInput.Stream, new PSArgumentException($"A {InputObject.BaseObject.GetType().Name} is not a piece of an answer."), InputObject));
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
        // Nothing can be written any more, and the prompt that follows starts a line.
        if (_view is not null && State.OpenStream == _view)
        {
            State.OpenStream = null;
        }

        return Task.CompletedTask;
    }

    private void Print(string text)
    {
        if (text.Length > 0)
        {
            State.OpenStream = _view ??= new StreamView(Host);
            WriteHost(_view.Add(text), endLine: false);
        }
    }

    private void Finish(ChatCompletion? completion)
    {
        if (completion is null)
        {
            return;
        }

        EndStream();
        foreach (ToolCall call in completion.ToolCalls)
        {
            WriteHost(CompletionView.ToolCallLine(call), endLine: true);
        }

        if (PassThru)
        {
            WriteObject(completion);
        }
    }
}
