using System;
using System.Collections;
using System.Collections.Generic;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Attribution;
using Helicone.Completion;
using Helicone.Connections;
using Helicone.Errors;
using Helicone.Logging;
using Helicone.Runtime;
using Helicone.Transformation;

namespace Helicone.Commands;

/// <summary>Writes an entry to Helicone's log for something that didn't go through the gateway: your own model, a tool, a vector database, or data.</summary>
[Cmdlet(VerbsCommunications.Send, "HeliconeLog", DefaultParameterSetName = TextSet, SupportsShouldProcess = true)]
[OutputType(typeof(string))]
public sealed class SendHeliconeLogCommand : TaggingCommand
{
    private const string TextSet = "Text";
    private const string ModelSet = "Model";
    private const string ToolSet = "Tool";
    private const string VectorDatabaseSet = "VectorDatabase";
    private const string DataSet = "Data";

    /// <summary>What was asked.</summary>
    [Parameter(ParameterSetName = TextSet, Mandatory = true, Position = 0)]
    [AllowEmptyString]
    public string? Prompt { get; set; }

    /// <summary>What was answered.</summary>
    [Parameter(ParameterSetName = TextSet, Position = 1)]
    [AllowEmptyString]
    public string? Content { get; set; }

    /// <summary>The model that was asked.</summary>
    [Parameter(ParameterSetName = TextSet, Mandatory = true)]
    [Parameter(ParameterSetName = ModelSet, Mandatory = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(Completion.ModelCompleter))]
    public string? Model { get; set; }

    /// <summary>The tool that was used.</summary>
    [Parameter(ParameterSetName = ToolSet, Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public string? Tool { get; set; }

    /// <summary>The vector database that was asked.</summary>
    [Parameter(ParameterSetName = VectorDatabaseSet, Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public string? VectorDatabase { get; set; }

    /// <summary>What the vector database did.</summary>
    [Parameter(ParameterSetName = VectorDatabaseSet)]
    [ValidateSet("search", "insert", "delete", "update")]
    public string Operation { get; set; } = "search";

    /// <summary>The name of the data that was used.</summary>
    [Parameter(ParameterSetName = DataSet, Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public string? Data { get; set; }

    /// <summary>What was asked, as fields: the body for a model, the input of a tool, text, vector, topK and filter of a search, facts about data.</summary>
    [Parameter(ParameterSetName = ModelSet)]
    [Parameter(ParameterSetName = ToolSet)]
    [Parameter(ParameterSetName = VectorDatabaseSet)]
    [Parameter(ParameterSetName = DataSet)]
    [ValidateNotNull]
    public IDictionary? Request { get; set; }

    /// <summary>What was answered: fields, or text, such as the raw chunks of a stream.</summary>
    [Parameter(ParameterSetName = ModelSet)]
    [Parameter(ParameterSetName = ToolSet)]
    [Parameter(ParameterSetName = VectorDatabaseSet)]
    [Parameter(ParameterSetName = DataSet)]
    [ValidateNotNull]
    public object? Response { get; set; }

    /// <summary>Tokens of the prompt.</summary>
    [Parameter(ParameterSetName = TextSet)]
    [Parameter(ParameterSetName = ModelSet)]
    [ValidateRange(0, long.MaxValue)]
    public long? PromptTokens { get; set; }

    /// <summary>Tokens of the answer.</summary>
    [Parameter(ParameterSetName = TextSet)]
    [Parameter(ParameterSetName = ModelSet)]
    [ValidateRange(0, long.MaxValue)]
    public long? CompletionTokens { get; set; }

    /// <summary>When it began: a DateTime, a date, or 90s for so long ago.</summary>
    [Parameter]
    [ValidateNotNull]
    [MomentTransformation]
    public DateTime? StartTime { get; set; }

    /// <summary>When it ended; now when left out.</summary>
    [Parameter]
    [ValidateNotNull]
    [MomentTransformation]
    public DateTime? EndTime { get; set; }

    /// <summary>How long it took: 1.5s, a TimeSpan, or seconds.</summary>
    [Parameter]
    [ValidateNotNull]
    [DurationTransformation]
    public TimeSpan? Duration { get; set; }

    /// <summary>How long its first token took: 120ms, a TimeSpan, or seconds.</summary>
    [Parameter]
    [ValidateNotNull]
    [DurationTransformation]
    public TimeSpan? TimeToFirstToken { get; set; }

    /// <summary>Its HTTP status; -3 for a stream that was cancelled.</summary>
    [Parameter]
    public int Status { get; set; } = 200;

    /// <summary>The provider's name in the log.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(Completion.ProviderCompleter))]
    public string? Provider { get; set; }

    /// <summary>Returns the id of the log entry.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>The entry's path in the session: <c>weather</c> extends the session's path, <c>/weather</c> replaces it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SessionPath { get; set; }

    /// <summary>Properties to find the entry by in Helicone.</summary>
    [Parameter]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(PropertyCompleter))]
    public IDictionary? Property { get; set; }

    /// <summary>The end user that the entry is for.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(UserCompleter))]
    public string? UserId { get; set; }

    private protected override object? Target => Model ?? Tool ?? VectorDatabase ?? Data;

    private protected override async Task EndProcessingAsync(CancellationToken cancellationToken)
    {
        HeliconeConnection connection = Connect();
        RequestTags tags = Tags(connection, UserId, Property);
        HeliconeSession? session = CallSession(connection);

        // A random id, because the logger's answer doesn't contain the id.
        tags = tags.RequestId is null ? tags with { RequestId = Guid.NewGuid().ToString("D") } : tags;
        (DateTime start, DateTime end) = Times();
        ManualLogEntry entry = Valid(Entry, Target, InvalidInput.Log) with
        {
            StartedAt = start,
            EndedAt = end,
            TimeToFirstToken = TimeToFirstToken,
            Status = Status,
            Provider = Provider,
            Session = SessionPath is null ? session : Valid(() => ItemTags.At(session, SessionPath), SessionPath, InvalidInput.Session),
            Tags = tags,
        };
        if (!ShouldProcess($"{connection.LogUri} (id {tags.RequestId})", "Write an entry to the log"))
        {
            return;
        }

        Task sending = Valid(() => connection.Client.Log.SendAsync(entry, cancellationToken), Target, InvalidInput.Log);
        await sending;
        WriteVerbose($"The ID of the log entry is {tags.RequestId}.");
        if (PassThru)
        {
            WriteObject(tags.RequestId);
        }
    }

    private protected override ErrorRecord Record(HeliconeException error, object? target) => ErrorRecords.FromLog(error, target);

    private ManualLogEntry Entry()
    {
        Dictionary<string, object?>? request = Request is null ? null : PlainValue.From(Request, "Request");
        string? text = PlainValue.Unwrap(Response) as string;
        Dictionary<string, object?>? response = Response is null ? null : text is null ? Fields(Response) : new() { ["message"] = text };
        switch (ParameterSetName)
        {
            case ModelSet:
                // The text of a model is its raw answer, which Helicone reads itself.
                ManualLogEntry entry = ManualLogEntry.ForModel(Model!, request ?? [], text is null ? response : null, PromptTokens, CompletionTokens);
                return text is null ? entry : entry with { ResponseText = text };
            case ToolSet:
                return ManualLogEntry.ForTool(Tool!, request, response);
            case VectorDatabaseSet:
                request ??= [];
                request["databaseName"] = VectorDatabase;
                return ManualLogEntry.ForVectorDatabase(Operation, request, response);
            case DataSet:
                return ManualLogEntry.ForData(Data!, request, response);
            default:
                return ManualLogEntry.ForChat(Model!, Prompt, Content, PromptTokens, CompletionTokens);
        }
    }

    private static Dictionary<string, object?> Fields(object response) => PlainValue.From(response, "Response") as Dictionary<string, object?>
        ?? throw new FormatException($"A {PlainValue.Unwrap(response)!.GetType().Name} isn't a valid response. Specify a hashtable or text.");

    private (DateTime Start, DateTime End) Times()
    {
        if (Duration is { } duration)
        {
            if (StartTime is not null && EndTime is not null)
            {
                _ = Valid<object>(() => throw new FormatException("Specify only two of -StartTime, -EndTime, and -Duration."), Duration, InvalidInput.Time);
            }

            if (duration < TimeSpan.Zero)
            {
                _ = Valid<object>(() => throw new FormatException($"-Duration {duration} is negative."), Duration, InvalidInput.Time);
            }

            DateTime end = EndTime ?? StartTime + duration ?? Moment.Now;
            return (StartTime ?? end - duration, end);
        }

        DateTime ended = EndTime ?? Moment.Now;
        DateTime started = StartTime ?? ended;
        return started <= ended
            ? (started, ended)
            : Valid<(DateTime, DateTime)>(() => throw new FormatException($"The end time {ended:u} is before the start time {started:u}."), EndTime, InvalidInput.Time);
    }
}
