using System;
using System.IO;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Conversations;
using Helicone.Errors;
using Helicone.Runtime;
using Helicone.Transformation;

namespace Helicone.Commands;

/// <summary>Saves a conversation as JSON lines: one message a line, exactly as it was exchanged.</summary>
[Cmdlet(VerbsData.Export, "HeliconeConversation", SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class ExportHeliconeConversationCommand : HeliconeCommand
{
    private object? _last;
    private int _count;

    /// <summary>The conversation, or an answer, whose conversation is saved.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNull]
    public object? InputObject { get; set; }

    /// <summary>The file.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = string.Empty;

    /// <summary>Keeps a file that already exists.</summary>
    [Parameter]
    public SwitchParameter NoClobber { get; set; }

    /// <summary>Writes the file to the pipeline.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override object? Target => Path;

    private protected override Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        // The chunks of a stream come one by one, and the last has the answer.
        _last = InputObject;
        if (PlainValue.Unwrap(InputObject) is not Chat.ChatChunk)
        {
            _count++;
        }

        return Task.CompletedTask;
    }

    private protected override Task EndProcessingAsync(CancellationToken cancellationToken)
    {
        if (_last is null)
        {
            return Task.CompletedTask;
        }

        if (_count > 1)
        {
            ThrowTerminatingError(ErrorRecords.Invalid(InvalidInput.Message, new FormatException($"{_count} conversations were piped to this cmdlet, and a file contains one. Save each to a separate file."), _last));
        }

        Conversation conversation = Valid(() => Messages.Conversation(_last), _last, InvalidInput.Message);
        string path = GetUnresolvedProviderPathFromPSPath(Path);
        if (!ShouldProcess(path, "Export conversation"))
        {
            return Task.CompletedTask;
        }

        try
        {
            SavedConversation.Save(conversation, path, NoClobber);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            ThrowTerminatingError(ErrorRecords.Invalid(InvalidInput.File, e, Path));
        }

        if (PassThru)
        {
            WriteObject(new FileInfo(path));
        }

        return Task.CompletedTask;
    }
}
