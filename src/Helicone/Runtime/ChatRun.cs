using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Bulk;
using Helicone.Chat;
using Helicone.Commands;
using Helicone.Errors;
using Helicone.Tools;

namespace Helicone.Runtime;

/// <summary>The calls of one pipeline: so many in flight, their answers written in the order of the input or as they finish, one error for each that failed.</summary>
/// <remarks>Used on the pipeline thread only. Calls run in parallel while the next input is on its way.</remarks>
internal sealed class ChatRun(EngineCommand cmdlet, HeliconeClient client, BulkOptions options, RunJournal? journal, AnswerWriter answers, ToolCalls? tools) : IDisposable
{
    private readonly BulkRun _run = new(client.Chat, options with { Journal = journal?.Journal });
    private readonly BulkProgress _progress = new(cmdlet, cmdlet.MyInvocation.MyCommand.Name);
    private readonly FailureGroups _failures = new();
    private readonly List<object?> _unanswered = [];
    private Task? _waiting;
    private bool _hasSent;

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
            _run.StartLoop(request, requestOptions, tools is null ? null : Tools(request, requestOptions, cancellationToken), cancellationToken);
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            cmdlet.ThrowTerminatingError(ErrorRecords.Invalid(InvalidInput.Body, e, requestOptions.Input));
        }

        await WriteFinishedAsync();
        while (_run.IsFull && _run.Halted is null)
        {
            await WaitAsync();
            await WriteFinishedAsync();
        }

        // A threshold waits for the next input: without one, the run was whole.
        if (_run.Halted is not null and not ErrorThresholdException)
        {
            await DrainAsync();
            End(isInputComplete: false);
        }
    }

    /// <summary>Waits for the rest and writes it. A run that was halted ends with one error.</summary>
    public async Task EndAsync()
    {
        _progress.InputIsComplete();
        await DrainAsync();
        End(isInputComplete: true);
        if (_hasSent)
        {
            journal?.ReportUnmatched();
        }
    }

    /// <summary>Waits, after the token was canceled, until no call is left. Nothing is written, because the consumer of the answers is gone.</summary>
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

    private Func<ChatCompletion, Task<ChatRequest?>> Tools(ChatRequest request, RequestOptions options, CancellationToken cancellationToken)
    {
        ToolLoop loop = new(request);
        return completion => tools!.NextAsync(loop, completion, options, cancellationToken);
    }

    private async Task DrainAsync()
    {
        await WriteFinishedAsync();
        while (_run.Count > 0)
        {
            await WaitAsync();
            await WriteFinishedAsync();
        }
    }

    /// <summary>Waits until a call has finished, or until the progress bar is due: one that moves only with the answers looks dead while they are slow.</summary>
    private async Task WaitAsync()
    {
        _waiting ??= _run.WaitAsync();
        if (_waiting.IsCompleted || await Task.WhenAny(_waiting, Task.Delay(BulkProgress.MillisecondsBetween)) == _waiting)
        {
            await _waiting;
            _waiting = null;
        }
    }

    private void End(bool isInputComplete)
    {
        _progress.Close();
        _failures.End();

        // A threshold that the very last items reached has kept nothing back: each failure has a separate error.
        bool isWhole = isInputComplete && _unanswered.Count == 0;
        if (_run.Halted is { } why && !(isWhole && why is ErrorThresholdException))
        {
            cmdlet.ThrowTerminatingError(ErrorRecords.From(why, _progress.Done, _progress.FailedCount, _unanswered, journal?.Journal.Path));
        }

        if (_failures.HasRepeats && AreErrorsShown)
        {
            cmdlet.WriteWarning(string.Format(
                CultureInfo.InvariantCulture,
                "{0} of {1} items failed: {2}. An error that repeats is shown once; $Error has a record for each item, with the input as its TargetObject.",
                _progress.FailedCount,
                _progress.Done + _progress.FailedCount,
                _failures));
        }
    }

    private async Task WriteFinishedAsync()
    {
        while (_run.TryTake(out Task<BulkResult> call))
        {
            if (call.Status == TaskStatus.RanToCompletion && IsUnpriced(call))
            {
                await client.Models.WaitForPricesAsync();
            }

            Write(call);
        }

        _progress.Show(_run.Running, _run.Count);
    }

    private static bool IsUnpriced(Task<BulkResult> call) => call.GetAwaiter().GetResult().Completion is { Usage: not null, Cost: null };

    // The other views don't fold: a user who chose one of them wants to see everything.
    private bool IsConcise => "ConciseView".Equals(cmdlet.SessionState.PSVariable.GetValue("ErrorView")?.ToString(), StringComparison.OrdinalIgnoreCase);

    private bool AreErrorsShown
    {
        get
        {
            object? preference = cmdlet.MyInvocation.BoundParameters.TryGetValue("ErrorAction", out object? bound) ? bound : cmdlet.SessionState.PSVariable.GetValue("ErrorActionPreference");
            return !LanguagePrimitives.TryConvertTo(preference, out ActionPreference action) || action is not (ActionPreference.SilentlyContinue or ActionPreference.Ignore);
        }
    }

    private void WriteError(ErrorRecord error, HeliconeException? failure = null)
    {
        // Answers that don't fit a shape were paid for like any other.
        _progress.Failed(failure?.Completions.Any(static answer => !answer.FromJournal) == true, failure is null ? null : AnswerWriter.Cost(failure.Completions));
        bool isRepeat = IsConcise && _failures.Add(error);
        cmdlet.WriteError(isRepeat ? ErrorRecords.Repeated(error, _failures) : error);
    }

    private void Write(Task<BulkResult> call)
    {
        BulkResult result;
        try
        {
            result = call.GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
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
            WriteError(ErrorRecords.AnswerUnknown(result.Input));
        }
        else if (result.Error is { } error)
        {
            _hasSent = true;
            if (cmdlet.IsVerbose && error is HeliconeException failure)
            {
                cmdlet.WriteVerbose(CallReport.Failure(failure));
            }

            WriteError(ErrorRecords.From(error, result.Input), error as HeliconeException);
        }
        else
        {
            ChatCompletion completion = result.Completion!;
            _hasSent |= !completion.FromJournal;
            if (result.Shaped is { } shaped && answers.Write(shaped, result.Input) is { } refused)
            {
                WriteError(ErrorRecords.From(refused, result.Input), refused);
                return;
            }

            _progress.Succeeded(result.Shaped is null ? completion.Cost : AnswerWriter.Cost(result.Shaped.Completions), completion.FromJournal);
            if (result.WasSentBefore)
            {
                cmdlet.WriteVerbose($"Sent again, because an earlier run received no answer: {result.Input}");
            }

            if (cmdlet.IsVerbose)
            {
                foreach (ChatCompletion answer in result.Shaped?.Completions ?? [completion])
                {
                    cmdlet.WriteVerbose(CallReport.Answer(answer));
                }
            }

            if (result.Shaped is null)
            {
                cmdlet.WriteObject(completion);
            }
        }
    }
}
