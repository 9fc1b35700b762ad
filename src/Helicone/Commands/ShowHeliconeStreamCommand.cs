using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Chat;
using Helicone.Errors;

namespace Helicone.Commands;

/// <summary>Prints an answer as it arrives. What it prints is for the person; the pipeline gets the whole answer with -PassThru.</summary>
[Cmdlet(VerbsCommon.Show, "HeliconeStream")]
[OutputType(typeof(ChatCompletion))]
public sealed class ShowHeliconeStreamCommand : HeliconeCommand
{
    // Marks what Write-Host writes: shown on the host whatever the preference, and still there to redirect (6>).
    private static readonly string[] s_host = ["PSHOST"];

    private bool _inLine;

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
                Print(chunk.Text);
                Finish(chunk.Completion);
                break;
            case ChatCompletion completion:
                Print(completion.Content);
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
        // The answer broke off: its error stands on a line of its own.
        EndLine();
        return Task.CompletedTask;
    }

    private void Print(string text)
    {
        if (text.Length > 0)
        {
            _inLine = text[text.Length - 1] != '\n';
            Write(text, noNewLine: true);
        }
    }

    private void Finish(ChatCompletion? completion)
    {
        if (completion is null)
        {
            return;
        }

        EndLine();
        if (PassThru)
        {
            WriteObject(completion);
        }
    }

    private void EndLine()
    {
        if (_inLine)
        {
            _inLine = false;
            Write(string.Empty, noNewLine: false);
        }
    }

    private void Write(string text, bool noNewLine) => WriteInformation(new HostInformationMessage { Message = text, NoNewLine = noNewLine }, s_host);
}
