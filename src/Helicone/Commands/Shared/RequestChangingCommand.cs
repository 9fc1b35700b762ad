using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Errors;
using Helicone.Requests;
using Helicone.Transformation;

namespace Helicone.Commands;

/// <summary>The base of cmdlets that change logged requests.</summary>
public abstract class RequestChangingCommand : HeliconeLogCommand
{
    private protected RequestChangingCommand()
    {
    }

    /// <summary>The calls: ids, answers of Invoke-HeliconeChat, or what Get-HeliconeRequest gave.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Alias("RequestId")]
    [ValidateNotNullOrEmpty]
    public object[] Id { get; set; } = [];

    /// <summary>Gives on what was passed, for the next command.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>What will be done, for -WhatIf and -Confirm.</summary>
    private protected abstract string Action { get; }

    private protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        RequestLogClient log = Connect().Client.Requests;
        foreach (object call in Id)
        {
            if (!TryRead(() => RequestIdArgument.Read(call), call, InvalidInput.RequestId, out string? id) || !ReadRecord(call) || !ShouldProcess(id, Action))
            {
                continue;
            }

            try
            {
                await ChangeAsync(log, id, cancellationToken);
            }
            catch (HeliconeException e)
            {
                WriteError(Record(e, id));
                continue;
            }

            if (PassThru)
            {
                WriteObject(call);
            }
        }
    }

    /// <summary>Reads the values of the record, in addition to its id.</summary>
    /// <returns>Indicates whether it can be used; if not, its error has been written.</returns>
    private protected virtual bool ReadRecord(object call) => true;

    private protected abstract Task ChangeAsync(RequestLogClient log, string requestId, CancellationToken cancellationToken);
}
