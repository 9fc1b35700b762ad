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

namespace Helicone.Mcp;

/// <summary>Answers requests of servers to a model: through the connection, the model, and the spending ceiling of the call that the server works for, and only when the user agrees.</summary>
internal sealed class McpSampler(HeliconeClient client, ModelRoute? model, RequestOptions options, Func<string, bool> isAllowed)
{
    /// <summary>The name after the name of the server for -AllowTool, as in <c>files__sampling</c>.</summary>
    public const string ToolName = "__sampling";

    private const int MaxShown = 2_000;

    private readonly HashSet<string> _approved = new(StringComparer.Ordinal);

    /// <summary>Asks the user on the pipeline thread, and sends the request.</summary>
    /// <returns>The answer; <see langword="null"/> when the user refuses, or can't be asked.</returns>
    public Task<ChatCompletion?> AnswerAsync(EngineCommand cmdlet, Action<Action> post, McpSamplingRequest sampling, CancellationToken cancellationToken)
    {
        TaskCompletionSource<ChatCompletion?> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        cancellationToken.Register(() => answer.TrySetCanceled(cancellationToken));
        post(() =>
        {
            try
            {
                if (answer.Task.IsCompleted || !IsApproved(cmdlet, sampling))
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
                            answer.TrySetException(new McpException(McpErrorKind.Refused, "The model couldn't be asked: " + failed.InnerException!.Message, failed.InnerException));
                        }
                        else if (sent.IsCanceled)
                        {
                            answer.TrySetCanceled(cancellationToken);
                        }
                        else
                        {
                            answer.TrySetResult(sent.GetAwaiter().GetResult());
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
        if (_approved.Contains(sampling.Server) || isAllowed(sampling.Server + ToolName))
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
                    _approved.Add(sampling.Server);
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
