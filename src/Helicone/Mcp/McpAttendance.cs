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

    // What a server sends while a question is open, or while the next command in the pipeline works, waits for this one.
    private const int MaxWaiting = 64;

    private readonly EngineCommand _cmdlet;
    private readonly string _activity;
    private readonly object _lock = new();
    private bool _hasProgress;
    private bool _hasEnded;
    private int _logs;
    private int _waiting;
    private McpProgress? _last;

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
            OnLog = text => Log(post, text),
            OnWarning = text => post(() => cmdlet.WriteWarning(text)),
            OnProgress = progress => Show(post, progress),
            Sample = sampler is null ? null : (request, token) => sampler.AnswerAsync(cmdlet, post, request, token),
            Ask = (question, token) => AskAsync(post, question, token),
        };
    }

    public McpAttendant Attendant { get; }

    /// <summary>Takes the progress bar away. On the pipeline thread.</summary>
    public void End()
    {
        _hasEnded = true;
        if (_hasProgress)
        {
            _hasProgress = false;
            _cmdlet.WriteProgress(new ProgressRecord(ActivityId, _activity, "Done") { RecordType = ProgressRecordType.Completed });
        }
    }

    /// <summary>Shows what the command waits for.</summary>
    public void Show(Action<Action> post, string status) => post(() => Write(new ProgressRecord(ActivityId, _activity, status)));

    // Counted here, on the thread of the server: the pipeline thread may be busy, and a flood would fill the memory meanwhile.
    private void Log(Action<Action> post, string text)
    {
        int count = Interlocked.Increment(ref _logs);
        if (count <= MaxLogs)
        {
            post(() => _cmdlet.WriteVerbose(text));
        }
        else if (count == MaxLogs + 1)
        {
            post(() => _cmdlet.WriteVerbose(string.Format(CultureInfo.InvariantCulture, "Further log messages are not shown: the MCP server sent more than {0}.", MaxLogs)));
        }
        else
        {
            Interlocked.Decrement(ref _logs);
        }
    }

    private void Show(Action<Action> post, McpProgress progress)
    {
        lock (_lock)
        {
            if (_waiting >= MaxWaiting)
            {
                // The newest of a flood replaces the ones before it.
                _last = progress;
                return;
            }

            _waiting++;
        }

        post(() =>
        {
            McpProgress? newest = null;
            lock (_lock)
            {
                if (--_waiting == 0)
                {
                    (newest, _last) = (_last, null);
                }
            }

            Show(progress);
            if (newest is not null)
            {
                Show(newest);
            }
        });
    }

    private void Show(McpProgress progress)
    {
        string status = progress.Message is { Length: > 0 } message ? TerminalText.ShowLine(message)
            : progress.Total is { } total ? string.Format(CultureInfo.InvariantCulture, "{0:0.##} of {1:0.##}", progress.Progress, total)
            : string.Format(CultureInfo.InvariantCulture, "{0:0.##}", progress.Progress);
        Write(new ProgressRecord(ActivityId, _activity, status) { PercentComplete = progress.Percent ?? -1 });
    }

    private void Write(ProgressRecord record)
    {
        // What was posted before the end may run after it.
        if (!_hasEnded)
        {
            _hasProgress = true;
            _cmdlet.WriteProgress(record);
        }
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
