using System;
using System.Globalization;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Commands;

namespace Helicone.Mcp;

/// <summary>A command that attends to a server: shows its messages and progress, and asks the user what the server asks.</summary>
/// <remarks>The server's messages come from any thread, and are posted to the pipeline thread.</remarks>
internal sealed class McpAttendance
{
    // The progress of a run is 1, and that of waits is 2.
    private const int ActivityId = 3;
    private const int MaxLogs = 1_000;

    private readonly EngineCommand _cmdlet;
    private readonly string _activity;
    private bool _hasProgress;
    private int _logs;

    /// <param name="cmdlet">The command.</param>
    /// <param name="post">Has something run on the pipeline thread.</param>
    /// <param name="activity">What the command does, for its progress.</param>
    /// <param name="sampler">Answers sampling requests; <see langword="null"/> to refuse them.</param>
    public McpAttendance(EngineCommand cmdlet, Action<Action> post, string activity, McpSampler? sampler)
    {
        _cmdlet = cmdlet;
        _activity = activity;
        Attendant = new McpAttendant
        {
            OnLog = text => post(() => Log(text)),
            OnWarning = text => post(() => cmdlet.WriteWarning(text)),
            OnProgress = progress => post(() => Show(progress)),
            Sample = sampler is null ? null : (request, token) => sampler.AnswerAsync(cmdlet, post, request, token),
            Ask = (question, token) => AskAsync(post, question, token),
        };
    }

    public McpAttendant Attendant { get; }

    /// <summary>Takes the progress bar away. On the pipeline thread.</summary>
    public void End()
    {
        if (_hasProgress)
        {
            _hasProgress = false;
            _cmdlet.WriteProgress(new ProgressRecord(ActivityId, _activity, "Done") { RecordType = ProgressRecordType.Completed });
        }
    }

    private void Log(string text)
    {
        if (++_logs <= MaxLogs)
        {
            _cmdlet.WriteVerbose(text);
        }
        else if (_logs == MaxLogs + 1)
        {
            _cmdlet.WriteVerbose(string.Format(CultureInfo.InvariantCulture, "Further log messages are not shown: the MCP server sent more than {0}.", MaxLogs));
        }
    }

    private void Show(McpProgress progress)
    {
        _hasProgress = true;
        string status = progress.Message is { Length: > 0 } message ? TerminalText.ShowLine(message)
            : progress.Total is { } total ? string.Format(CultureInfo.InvariantCulture, "{0:0.##} of {1:0.##}", progress.Progress, total)
            : string.Format(CultureInfo.InvariantCulture, "{0:0.##}", progress.Progress);
        _cmdlet.WriteProgress(new ProgressRecord(ActivityId, _activity, status) { PercentComplete = progress.Percent ?? -1 });
    }

    private Task<McpAnswer?> AskAsync(Action<Action> post, McpQuestion question, CancellationToken cancellationToken)
    {
        TaskCompletionSource<McpAnswer?> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        cancellationToken.Register(() => answer.TrySetCanceled(cancellationToken));
        post(() =>
        {
            try
            {
                answer.TrySetResult(answer.Task.IsCompleted ? null : McpForm.Ask(_cmdlet, question));
            }
            catch (Exception e)
            {
                answer.TrySetException(e);
                throw;
            }
        });
        return answer.Task;
    }
}
