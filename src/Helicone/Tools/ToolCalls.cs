using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Chat;
using Helicone.Commands;
using Helicone.Errors;
using Helicone.Mcp;
using Helicone.Transformation;

namespace Helicone.Tools;

/// <summary>The tools of one Invoke-HeliconeChat: runs what each answer calls, one call after another, until an answer is final.</summary>
internal sealed class ToolCalls(EngineCommand cmdlet, Action<Action> post, HeliconeClient client, ToolSet tools, ToolApproval approval, ToolLimits limits, bool isManual)
{
    private readonly ToolRunner _runner = new(cmdlet, tools, approval, limits, client.Options.ApiKey);
    private readonly ToolLog _log = new(cmdlet, client);
    private readonly HashSet<string> _samplingServers = new(StringComparer.OrdinalIgnoreCase);
    private bool _hasWarned;

    /// <summary>Called after each run.</summary>
    public Action<ToolRun>? Ran { get; init; }

    /// <summary>The options of the calls that follow the first: an id belongs to one call.</summary>
    public static RequestOptions Following(RequestOptions options) =>
        options.Tags.RequestId is null ? options : options with { Tags = options.Tags with { RequestId = null } };

    /// <summary>A failure of a call with the last answer before it, so that what the tools did isn't lost with the call.</summary>
    public static HeliconeException WithRuns(HeliconeException error, ToolLoop? loop) => loop is null ? error : loop.Explain(error);

    /// <summary>Takes an answer and runs what it calls. On the pipeline thread.</summary>
    /// <returns><see langword="true"/> when <see cref="ToolLoop.Request"/> is to be sent; <see langword="false"/> when the answer is final.</returns>
    /// <exception cref="HeliconeException">The answer was one round too many.</exception>
    public bool Next(ToolLoop loop, ChatCompletion answer, RequestOptions options, CancellationToken cancellationToken) =>
        Take(loop, answer) && Run(loop, answer, options, cancellationToken);

    /// <summary>The same from any thread: the tools run when the pipeline thread is free.</summary>
    /// <returns>The request to send; <see langword="null"/> when the answer is final.</returns>
    public Task<ChatRequest?> NextAsync(ToolLoop loop, ChatCompletion answer, RequestOptions options, CancellationToken cancellationToken)
    {
        TaskCompletionSource<ChatRequest?> next = new(TaskCreationOptions.RunContinuationsAsynchronously);
        CancellationTokenRegistration registration = cancellationToken.Register(() => next.TrySetCanceled(cancellationToken));
        post(() =>
        {
            if (next.Task.IsCompleted)
            {
                return;
            }

            try
            {
                next.TrySetResult(Next(loop, answer, options, cancellationToken) ? loop.Request : null);
            }
            catch (HeliconeException e)
            {
                next.TrySetException(e);
            }
            catch (Exception e)
            {
                // The pipeline is ending, and the caller that waits for the item ends with it.
                next.TrySetException(e);
                throw;
            }
        });
        _ = next.Task.ContinueWith(_ => registration.Dispose(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return next.Task;
    }

    /// <summary>Takes an answer.</summary>
    /// <returns><see langword="true"/> when it calls tools to run; <see langword="false"/> when the answer is final, or when its calls are for the caller.</returns>
    public bool Take(ToolLoop loop, ChatCompletion answer)
    {
        IReadOnlyList<ToolCall> calls = loop.Take(answer);
        if (calls.Count == 0 && answer.ToolCalls.Count > 0)
        {
            cmdlet.WriteWarning($"The answer was cut off (finish reason '{answer.FinishReason}') while it called tools, so they were not run.");
        }

        // A call that only the caller can answer: the others wait for it, since a request must answer them all.
        return calls.Count > 0 && !isManual && !calls.Any(call => tools.Find(call.Name) is { CanRun: false });
    }

    /// <summary>Runs the calls of an answer. On the pipeline thread.</summary>
    /// <returns><see langword="true"/> when <see cref="ToolLoop.Request"/> is to be sent; <see langword="false"/> when the user has ended the loop.</returns>
    /// <exception cref="HeliconeException">The answer was one round too many.</exception>
    public bool Run(ToolLoop loop, ChatCompletion answer, RequestOptions options, CancellationToken cancellationToken)
    {
        IReadOnlyList<ToolCall> calls = answer.ToolCalls;
        _runner.Sampler = new McpSampler(client, loop.Request.Model, options, approval, _samplingServers);
        bool isTooMuch = loop.Round > limits.Rounds;
        for (int i = 0; i < calls.Count; i++)
        {
            ToolCall call = calls[i];
            ToolRun run;
            try
            {
                run = isTooMuch ? Skipped(call, loop.Round, string.Format(CultureInfo.InvariantCulture, "Not run: the limit of {0} tool rounds was reached.", limits.Rounds))
                    : i >= ToolLimits.MaxCallsPerRound ? Skipped(call, loop.Round, string.Format(CultureInfo.InvariantCulture, "Not run: an answer may call at most {0} tools.", ToolLimits.MaxCallsPerRound))
                    : _runner.Run(call, loop.Round, answer.Content, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                // A conversation that goes on needs a result for each call.
                loop.Add(Skipped(call, loop.Round, "The user stopped this call. It may have had an effect."));
                for (i++; i < calls.Count; i++)
                {
                    loop.Add(Skipped(calls[i], loop.Round, "Not run: the user stopped the call before it."));
                }

                loop.End();
                throw;
            }

            loop.Add(run);
            Ran?.Invoke(run);
            _log.Add(run, ToolLoop.SessionOf(loop.Request, options, run.Name), options);
        }

        if (isTooMuch)
        {
            throw new HeliconeException(HeliconeErrorKind.ToolRoundLimit, string.Format(CultureInfo.InvariantCulture, "The model still calls tools after {0} rounds.", limits.Rounds)) { Completions = [loop.End()], RequestId = answer.RequestId };
        }

        if (!approval.IsFinal)
        {
            loop.Continue();
            return true;
        }

        loop.End();
        if (!_hasWarned)
        {
            _hasWarned = true;
            cmdlet.WriteWarning("You denied this tool call and all others, so the model was not asked again. ToolRuns of the answer lists what ran.");
        }

        return false;
    }

    /// <summary>Waits until the runs are in the log.</summary>
    public Task EndAsync() => _log.EndAsync();

    private ToolRun Skipped(ToolCall call, int round, string reason) => ToolRunner.Refused(
        new ToolRun
        {
            Name = call.Name ?? string.Empty,
            Command = tools.Find(call.Name)?.Target,
            CallId = call.Id ?? call.Name ?? string.Empty,
            Arguments = call.Arguments,
            Round = round,
            StartedAt = Moment.Now,
        },
        reason);
}
