using System;
using System.Collections.Generic;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Attribution;
using Helicone.Chat;
using Helicone.Completion;
using Helicone.Connections;
using Helicone.Errors;
using Helicone.Tools;
using Helicone.Transformation;

namespace Helicone.Commands;

/// <summary>Runs the tool calls of an answer by hand, with the same approval as Invoke-HeliconeChat, and returns the messages with their results.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "HeliconeToolCall", SupportsShouldProcess = true)]
[OutputType(typeof(ChatMessage))]
public sealed class InvokeHeliconeToolCallCommand : HeliconeCommand
{
    private ToolRunner? _runner;
    private ToolLog? _log;

    /// <summary>An answer, all of whose calls are run, or one of its calls.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNull]
    public object InputObject { get; set; } = null!;

    /// <summary>The commands that the model may call, as they were passed to Invoke-HeliconeChat.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ToolCompleter))]
    public object[] Tool { get; set; } = [];

    /// <summary>Tools that may run without a question.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ToolCompleter))]
    public string[]? AllowTool { get; set; }

    /// <summary>Tools that may not run.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ToolCompleter))]
    public string[]? DenyTool { get; set; }

    /// <summary>The time limit of each tool call, in seconds.</summary>
    [Parameter]
    [ValidateRange(0.1, 86400.0)]
    public double ToolTimeoutSec { get; set; } = ToolLimits.DefaultSeconds;

    /// <summary>The maximum number of characters of the result of each tool call.</summary>
    [Parameter]
    [ValidateRange(200, 1_000_000)]
    public int ToolOutputLimit { get; set; } = ToolLimits.DefaultOutput;

    private protected override object? Target => Tool;

    private protected override Task BeginProcessingAsync(CancellationToken cancellationToken)
    {
        ToolSet tools = ToolSet.Read(this, Tool, AllowTool, DenyTool, IsWhatIf, Tool, out ToolApproval approval);
        HeliconeConnection? connection = State.Connection;
        ToolLimits limits = new() { Timeout = TimeSpan.FromSeconds(ToolTimeoutSec), OutputCharacters = ToolOutputLimit };
        _runner = new ToolRunner(this, tools, approval, limits, connection?.Client.Options.ApiKey);
        _log = connection is null ? null : new ToolLog(this, connection.Client);
        return Task.CompletedTask;
    }

    private protected override Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        (IReadOnlyList<ToolCall> calls, string? why) = PlainValue.Unwrap(InputObject) switch
        {
            ToolCall call => ([call], null),
            ChatCompletion answer => (answer.ToolCalls, answer.Content),
            ChatChunk { Completion: { } answer } => (answer.ToolCalls, answer.Content),
            ChatMessage message => (message.ToolCalls, message.Content),
            _ => ((IReadOnlyList<ToolCall>)[], (string?)null),
        };
        if (calls.Count == 0)
        {
            WriteError(ErrorRecords.Invalid(InvalidInput.Tool, new FormatException("The input is neither an answer that calls tools nor a tool call."), InputObject));
        }

        foreach (ToolCall call in calls)
        {
            ToolRun run = _runner!.Run(call, 1, why, cancellationToken);
            _log?.Add(run, Session(run), new RequestOptions());
            WriteVerbose(run.ToString());
            WriteObject(run.ToMessage());
        }

        return Task.CompletedTask;
    }

    private protected override Task EndProcessingAsync(CancellationToken cancellationToken) => _log is null ? Task.CompletedTask : _log.EndAsync();

    private static HeliconeSession? Session(ToolRun run) => (State.EnteredSession ?? State.Connection?.Session)?.At(ToolDefinition.ToName(run.Name));
}
