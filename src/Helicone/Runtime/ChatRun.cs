using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Bulk;
using Helicone.Chat;
using Helicone.Commands;
using Helicone.Errors;

namespace Helicone.Runtime;

/// <summary>The calls of one pipeline: so many in flight, their answers written in the order of the input or as they finish, one error for each that failed.</summary>
/// <remarks>Used on the pipeline thread alone; calls go on beside it while the next input is on its way.</remarks>
internal sealed class ChatRun(EngineCommand cmdlet, ChatClient chat, BulkOptions options) : IDisposable
{
    private readonly BulkRun _run = new(chat, options);
    private readonly BulkProgress _progress = new(cmdlet, "Invoke-HeliconeChat");
    private readonly List<object?> _unanswered = [];

    /// <summary>Starts a call and writes what has finished; waits only while too many are in flight.</summary>
    public async Task AddAsync(ChatRequest request, RequestOptions requestOptions, CancellationToken cancellationToken)
    {
        if (_run.Halted is not null)
        {
            await DrainAsync();
            _unanswered.Add(requestOptions.Input);
            End(isInputComplete: false);
        }

        try
        {
            _run.Start(request, requestOptions, cancellationToken);
        }
        catch (FormatException e)
        {
            cmdlet.ThrowTerminatingError(ErrorRecords.Invalid(InvalidInput.Body, e, requestOptions.Input));
        }

        WriteFinished();
        while (_run.IsFull && _run.Halted is null)
        {
            await _run.WaitAsync();
            WriteFinished();
        }

        // A threshold waits for the next input: without one, the run was whole.
        if (_run.Halted is not null and not ErrorThresholdException)
        {
            await DrainAsync();
            End(isInputComplete: false);
        }
    }

    /// <summary>Waits for the rest and writes it. A run that was halted ends with the one error that says so.</summary>
    public async Task EndAsync()
    {
        _progress.InputIsComplete();
        await DrainAsync();
        End(isInputComplete: true);
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

    private async Task DrainAsync()
    {
        WriteFinished();
        while (_run.Count > 0)
        {
            await _run.WaitAsync();
            WriteFinished();
        }
    }

    private void End(bool isInputComplete)
    {
        _progress.Close();

        // A threshold that the very last items reached has kept nothing back: each failure has an error of its own.
        bool isWhole = isInputComplete && _unanswered.Count == 0;
        if (_run.Halted is { } why && !(isWhole && why is ErrorThresholdException))
        {
            cmdlet.ThrowTerminatingError(ErrorRecords.From(why, _progress.Done, _progress.FailedCount, _unanswered, options.Journal?.Path));
        }
    }

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
        catch (FormatException e)
        {
            cmdlet.ThrowTerminatingError(ErrorRecords.Invalid(InvalidInput.Body, e, null));
            throw;
        }

        if (result.NotSent)
        {
            _unanswered.Add(result.Input);
        }
        else if (result.Skipped)
        {
            _progress.Failed();
            cmdlet.WriteError(ErrorRecords.AnswerUnknown(result.Input));
        }
        else if (result.Error is { } error)
        {
            _progress.Failed();
            cmdlet.WriteError(ErrorRecords.From(error, result.Input));
        }
        else
        {
            ChatCompletion completion = result.Completion!;
            _progress.Succeeded(completion.FromJournal ? 0 : completion.Cost, completion.FromJournal);
            if (result.WasSentBefore)
            {
                cmdlet.WriteVerbose($"Sent again, since the answer to an earlier run never came: {result.Input}");
            }

            cmdlet.WriteObject(completion);
        }
    }
}
