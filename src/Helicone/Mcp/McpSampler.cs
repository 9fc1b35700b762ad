using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Chat;
using Helicone.Commands;
using Helicone.Tools;

namespace Helicone.Mcp;

/// <summary>Answers requests of servers to a model: through the connection, the model, and the spending ceiling of the call that the server works for, and only when the user agrees.</summary>
/// <param name="client">The client of the connection.</param>
/// <param name="model">The model; the default of the connection when <see langword="null"/>.</param>
/// <param name="options">The options of the call, with its spending ceiling.</param>
/// <param name="approval">What the caller allows and denies.</param>
/// <param name="approved">The servers that the user has approved for the rest of the command.</param>
internal sealed class McpSampler(HeliconeClient client, ModelRoute? model, RequestOptions options, ToolApproval? approval, HashSet<string> approved)
{
    private const int MaxShown = 2_000;

    private readonly List<ChatCompletion> _completions = [];

    /// <summary>Takes the answers since the last time: what they cost belongs to the tool that ran.</summary>
    public IReadOnlyList<ChatCompletion> TakeCompletions()
    {
        lock (_completions)
        {
            ChatCompletion[] taken = [.. _completions];
            _completions.Clear();
            return taken;
        }
    }

    /// <summary>Asks the user on the pipeline thread, and sends the request.</summary>
    /// <returns>The answer; <see langword="null"/> when the user refuses, or can't be asked.</returns>
    public Task<ChatCompletion?> AnswerAsync(EngineCommand cmdlet, Action<Action> post, McpSamplingRequest sampling, CancellationToken cancellationToken)
    {
        TaskCompletionSource<ChatCompletion?> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        CancellationTokenRegistration registration = cancellationToken.Register(() => answer.TrySetCanceled(cancellationToken));
        _ = answer.Task.ContinueWith(_ => registration.Dispose(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        post(() =>
        {
            try
            {
                if (answer.Task.IsCompleted || !IsApproved(cmdlet, sampling) || answer.Task.IsCompleted)
                {
                    answer.TrySetResult(null);
                    return;
                }

                RequestOptions own = options.Tags.RequestId is null ? options : options with { Tags = options.Tags with { RequestId = null } };
                client.Chat.CompleteAsync(sampling.Request with { Model = model }, own, cancellationToken).ContinueWith(
                    sent =>
                    {
                        if (sent.Exception is { } failed)
                        {
                            // The message names addresses and budgets: it is for the user, and not for the server.
                            post(() => cmdlet.WriteWarning($"The MCP server '{sampling.Server}' wanted to ask a model, which failed: {failed.InnerException!.Message}"));
                            answer.TrySetException(new McpException(McpErrorKind.Refused, "The request to the model failed."));
                        }
                        else if (sent.IsCanceled)
                        {
                            answer.TrySetCanceled(cancellationToken);
                        }
                        else
                        {
                            ChatCompletion completion = sent.GetAwaiter().GetResult();
                            lock (_completions)
                            {
                                _completions.Add(completion);
                            }

                            answer.TrySetResult(completion);
                        }
                    },
                    CancellationToken.None,
                    TaskContinuationOptions.ExecuteSynchronously,
                    TaskScheduler.Default);
            }
            catch (Exception e)
            {
                answer.TrySetException(e);
                throw;
            }
        });
        return answer.Task;
    }

    private bool IsApproved(EngineCommand cmdlet, McpSamplingRequest sampling)
    {
        if (approval?.IsSamplingDenied(sampling.Server) == true)
        {
            return false;
        }

        if (approved.Contains(sampling.Server) || approval?.IsSamplingAllowed(sampling.Server) == true)
        {
            return true;
        }

        string text = string.Join("\n", sampling.Request.Messages.Select(static message => message.ToString()));
        text = text.Length <= MaxShown ? text : text.Substring(0, MaxShown) + string.Format(CultureInfo.CurrentCulture, "… ({0:N0} more characters)", text.Length - MaxShown);
        try
        {
            switch (cmdlet.PromptForChoice(
                $"The MCP server '{sampling.Server}' wants to ask a model, at your expense",
                text,
                [
                    new ChoiceDescription("&Yes", "Send this request."),
                    new ChoiceDescription("Yes to &All of this server", "Send this request and further ones of this server while the command runs."),
                    new ChoiceDescription("&No", "Send nothing. The server receives a refusal."),
                ],
                2))
            {
                case 0:
                    return true;
                case 1:
                    approved.Add(sampling.Server);
                    return true;
                default:
                    return false;
            }
        }
        catch (Exception e) when (e is not PipelineStoppedException and not OperationCanceledException)
        {
            cmdlet.WriteVerbose($"The MCP server '{sampling.Server}' wanted to ask a model, and no one can be asked in this session, so it was refused.");
            return false;
        }
    }
}
