using System;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Bulk;
using Helicone.Chat;
using Helicone.Errors;

namespace Helicone.Runtime;

/// <summary>The calls of one pipeline: so many in flight, their answers written in the order of the input, one error for each that failed.</summary>
/// <remarks>Used on the pipeline thread alone; calls go on beside it while the next input is on its way.</remarks>
internal sealed class ChatRun(Cmdlet cmdlet, ChatClient chat, int throttleLimit) : IDisposable
{
    private readonly BulkRun _run = new(chat, new BulkOptions { ThrottleLimit = throttleLimit });
    private readonly BulkProgress _progress = new(cmdlet, "Invoke-HeliconeChat");

    /// <summary>Starts a call and writes what has finished; waits only while too many are in flight.</summary>
    public async Task AddAsync(ChatRequest request, RequestOptions options, CancellationToken cancellationToken)
    {
        _run.Start(request, options, cancellationToken);
        WriteFinished();
        while (_run.IsFull)
        {
            await _run.WaitAsync();
            WriteFinished();
        }
    }

    /// <summary>Waits for the rest and writes it.</summary>
    public async Task EndAsync()
    {
        WriteFinished();
        while (_run.Count > 0)
        {
            await _run.WaitAsync();
            WriteFinished();
        }

        _progress.Close();
    }

    /// <summary>Waits, after the token was cancelled, until no call is left. Nothing is written: whoever took the answers is gone.</summary>
    public async Task AbandonAsync()
    {
        while (_run.Count > 0)
        {
            if (_run.TryTake(out Task<BulkResult> call))
            {
                // Looked at, so that no failure counts as unobserved. Why the run ends is on its way already.
                _ = call.Exception;
            }
            else
            {
                await _run.WaitAsync();
            }
        }
    }

    public void Dispose() => _run.Dispose();

    private void WriteFinished()
    {
        while (_run.TryTake(out Task<BulkResult> call))
        {
            Write(call);
        }

        _progress.Show(_run.Count);
    }

    private void Write(Task<BulkResult> call)
    {
        BulkResult result;
        try
        {
            result = call.GetAwaiter().GetResult();
        }
        catch (GatewayGoneException e)
        {
            cmdlet.ThrowTerminatingError(ErrorRecords.From(e, _progress.Finished));
            throw;
        }
        catch (FormatException e)
        {
            cmdlet.ThrowTerminatingError(ErrorRecords.Invalid(InvalidInput.Body, e, null));
            throw;
        }

        if (result.Error is HeliconeException error)
        {
            _progress.Failed();
            cmdlet.WriteError(ErrorRecords.From(error, result.Input));
        }
        else
        {
            _progress.Succeeded(result.Completion!.Cost);
            cmdlet.WriteObject(result.Completion);
        }
    }
}
