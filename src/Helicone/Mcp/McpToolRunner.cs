using System;
using System.Collections.Generic;
using System.Globalization;
using System.Security;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Chat;
using Helicone.Commands;
using Helicone.Runtime;
using Helicone.Tools;

namespace Helicone.Mcp;

/// <summary>Runs calls of models to tools of MCP servers, on the pipeline thread, with the approval and the limits of all tools.</summary>
internal sealed class McpToolRunner(EngineCommand cmdlet, ToolApproval approval, ToolLimits limits, SecureString? key, McpSampler? sampler)
{
    private const string FailureText = "The tool reported an error.";

    /// <summary>Runs a call, or reports why it wasn't run. Only Ctrl+C throws.</summary>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public ToolRun Run(ToolRun run, HeliconeTool tool, string shownArguments, string? why, CancellationToken cancellationToken)
    {
        McpTool mcp = tool.Mcp!;
        bool hasChanged;
        try
        {
            hasChanged = Wait(mcp, (_, token) => mcp.HasChangedAsync(token), cancellationToken);
        }
        catch (McpException e)
        {
            return ToolRunner.Refused(run, e.Message);
        }

        ToolDecision decision = approval.Decide(tool, shownArguments, why, hasChanged);
        run = run with { AllowedBy = decision.AllowedBy };
        if (!decision.IsAllowed)
        {
            return ToolRunner.Refused(run, decision.Reason!, decision.Outcome);
        }

        cmdlet.WriteVerbose($"Calling the tool {tool.Name}({shownArguments}).");
        cmdlet.EndStream();
        ToolOutput output = new(limits.OutputCharacters, key);
        string arguments = string.IsNullOrWhiteSpace(run.Arguments) ? "{}" : run.Arguments;
        try
        {
            McpToolResult result = Wait(mcp, (attendant, token) => mcp.CallAsync(arguments, attendant, limits.Timeout, token), cancellationToken);
            return Complete(run with { Completions = Asked() }, result, output);
        }
        catch (McpException e)
        {
            return run with { Completions = Asked(), Outcome = e.Kind == McpErrorKind.TimedOut ? ToolOutcome.TimedOut : ToolOutcome.Failed, Error = e.Message, Result = output.ToJson(e.Message) };
        }
    }

    private IReadOnlyList<ChatCompletion> Asked() => sampler?.TakeCompletions() ?? [];

    private static ToolRun Complete(ToolRun run, McpToolResult result, ToolOutput output)
    {
        List<ContentPart> attachments = [];
        foreach (ContentPart part in result.Content)
        {
            if (part.Kind == ContentPartKind.Text)
            {
                output.Add(part.Text);
            }
            else
            {
                attachments.Add(part);
                output.Add(string.Format(CultureInfo.InvariantCulture, "[{0} {1}, in the next message]", part.Type, attachments.Count));
            }
        }

        if (result.Content.Count == 0 && result.StructuredContent is { } structured)
        {
            output.Add(structured);
        }

        return result.IsError
            ? run with { Outcome = ToolOutcome.Failed, Error = result.Text is { Length: > 0 } text ? text : FailureText, Result = output.ToJson(FailureText), Attachments = attachments }
            : run with { Outcome = ToolOutcome.Ran, Result = output.ToJson(), Attachments = attachments };
    }

    /// <summary>Waits on the pipeline thread, which shows what the server sends meanwhile.</summary>
    private T Wait<T>(McpTool tool, Func<McpAttendant, CancellationToken, Task<T>> start, CancellationToken cancellationToken)
    {
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

        // A pump within the pump: the one of the command must not be the context that ours gives back to the host.
        using PipelinePump.Suspension suspension = PipelinePump.Suspend();
        using PipelinePump pump = PipelinePump.Open();
        McpAttendance attendance = new(cmdlet, action => pump.TryPost(static state => ((Action)state!)(), action), "Calling " + tool.Name, sampler);
        try
        {
            Task<T> task = start(attendance.Attendant, either.Token);
            pump.Complete(task, either.Cancel);
            return task.GetAwaiter().GetResult();
        }
        finally
        {
            attendance.End();
        }
    }
}
