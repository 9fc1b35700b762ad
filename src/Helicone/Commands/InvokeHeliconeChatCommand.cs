using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Attribution;
using Helicone.Bulk;
using Helicone.Chat;
using Helicone.Completion;
using Helicone.Connections;
using Helicone.Conversations;
using Helicone.Errors;
using Helicone.Runtime;
using Helicone.Schemas;
using Helicone.Spending;
using Helicone.Tools;
using Helicone.Transformation;

namespace Helicone.Commands;

/// <summary>Sends a chat completion request: one prompt, a prompt about everything in the pipeline, or one request for each object in it.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "HeliconeChat", DefaultParameterSetName = AskSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[Alias("ihc")]
[OutputType(typeof(ChatCompletion), ParameterSetName = [AskSet, BatchSet])]
[OutputType(typeof(ChatChunk), ParameterSetName = [StreamSet])]
[OutputType(typeof(PSObject))]
public sealed class InvokeHeliconeChatCommand : TaggingCommand
{
    // Ask needs nothing, so it is what is left when no parameter of another set is there. Any parameter of Batch alone selects Batch.
    private const string AskSet = "Ask";
    private const string StreamSet = "Stream";
    private const string BatchSet = "Batch";

    private readonly List<object?> _context = [];
    private InputReader _reader = null!;
    private ItemTags _tags = null!;
    private List<ContentPart> _attachments = [];
    private ChatRequest _request = null!;
    private RequestOptions _options = null!;
    private HeliconeConnection _connection = null!;
    private ChatSender? _sender;

    /// <summary>The prompt. With input from the pipeline, the question about it. A script block writes the prompt for each input object.</summary>
    [Parameter(Position = 0)]
    [AllowEmptyString]
    [TextOrScriptTransformation]
    public object? Prompt { get; set; }

    /// <summary>What the prompt is about: all of it in one call. Without a prompt, or with -ForEach, one call for each object.</summary>
    [Parameter(ValueFromPipeline = true)]
    [AllowNull]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public object? InputObject { get; set; }

    /// <summary>Sends each object in a separate call with the prompt.</summary>
    [Parameter]
    public SwitchParameter ForEach { get; set; }

    /// <summary>The system prompt.</summary>
    [Parameter, ValidateNotNullOrEmpty]
    public string? System { get; set; }

    /// <summary>The conversation so far: hashtables such as <c>@{ role = 'user'; content = 'Hello' }</c>, answers, or text.</summary>
    [Parameter, ValidateNotNull]
    public object[] Message { get; set; } = [];

    /// <summary>The conversation to continue: an answer, or a conversation. What was exchanged in it is sent again, unchanged.</summary>
    [Parameter, ValidateNotNull]
    public object? Conversation { get; set; }

    /// <summary>The maximum number of tokens of the conversation to send, by estimate. The oldest turns are left out whole.</summary>
    [Parameter, ValidateRange(1L, long.MaxValue)]
    public long? MaxContextToken { get; set; }

    /// <summary>Images for the prompt: paths, which may contain wildcards, web addresses, files, or bytes.</summary>
    [Parameter, ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public object[] Image { get; set; } = [];

    /// <summary>Files for the prompt: images, PDFs, sound, or text, as paths, which may contain wildcards, files, or bytes.</summary>
    [Parameter, ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public object[] File { get; set; } = [];

    /// <summary>Randomness, 0 to 2.</summary>
    [Parameter, ValidateRange(0.0, 2.0)]
    public double? Temperature { get; set; }

    /// <summary>Nucleus sampling, 0 to 1.</summary>
    [Parameter, ValidateRange(0.0, 1.0)]
    public double? TopP { get; set; }

    /// <summary>The maximum number of tokens of the answer.</summary>
    [Parameter, ValidateRange(1, int.MaxValue)]
    public int? MaxTokens { get; set; }

    /// <summary>Up to four texts at which the answer stops.</summary>
    [Parameter, ValidateNotNullOrEmpty]
    public string[]? Stop { get; set; }

    /// <summary>A seed for more repeatable answers.</summary>
    [Parameter]
    [ValidateNotNull]
    public long? Seed { get; set; }

    /// <summary>How much a reasoning model thinks: <c>low</c>, <c>medium</c>, <c>high</c>, or another word that the provider takes.</summary>
    [Parameter, ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ReasoningEffortCompleter))]
    public string? ReasoningEffort { get; set; }

    /// <summary><c>text</c>, <c>json</c>, or a hashtable such as <c>@{ type = 'json_schema'; json_schema = … }</c>.</summary>
    [Parameter, ValidateNotNull]
    public object? ResponseFormat { get; set; }

    /// <summary>The shape of the answer: a hashtable of names and types, a type, or a JSON Schema as a hashtable, text, or the path of a file. Objects of this shape are written instead of the answer.</summary>
    [Parameter]
    [ValidateNotNull]
    public object? As { get; set; }

    /// <summary>Adds the input to each object as the property Input.</summary>
    [Parameter]
    public SwitchParameter IncludeInput { get; set; }

    /// <summary>The commands that the model may call: command names, commands, script blocks with parameters, tools of New-HeliconeTool, or hashtables in OpenAI's form.</summary>
    [Parameter]
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

    /// <summary>Auto runs the tools that the model calls. Manual returns the answer with the calls in ToolCalls. WhatIf runs only tools that read, and describes the others.</summary>
    [Parameter]
    [ValidateSet("Auto", "Manual", "WhatIf")]
    public string ToolMode { get; set; } = "Auto";

    /// <summary><c>auto</c>, <c>required</c>, <c>none</c>, or the name of the tool that the model must call first.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ToolChoice { get; set; }

    /// <summary>The maximum number of answers that call tools.</summary>
    [Parameter]
    [ValidateRange(1, 1000)]
    public int MaxToolRound { get; set; } = ToolLimits.DefaultRounds;

    /// <summary>The time limit of each tool call, in seconds.</summary>
    [Parameter]
    [ValidateRange(0.1, 86400.0)]
    public double ToolTimeoutSec { get; set; } = ToolLimits.DefaultSeconds;

    /// <summary>The maximum number of characters of the result of each tool call.</summary>
    [Parameter]
    [ValidateRange(200, 1_000_000)]
    public int ToolOutputLimit { get; set; } = ToolLimits.DefaultOutput;

    /// <summary>Any other field of the request's body, by its wire name; it wins over the parameters.</summary>
    [Parameter, ValidateNotNull]
    public IDictionary? Body { get; set; }

    /// <summary>Writes the answer in chunks as they arrive.</summary>
    [Parameter(ParameterSetName = StreamSet, Mandatory = true)]
    public SwitchParameter Stream { get; set; }

    /// <summary>Shows each answer as it arrives, and then writes it. Answers follow one another.</summary>
    [Parameter(ParameterSetName = AskSet)]
    public SwitchParameter Show { get; set; }

    /// <summary>The time without a first byte after which a second attempt races the first: 2s, a TimeSpan, or seconds. Both may be paid for.</summary>
    [Parameter(ParameterSetName = AskSet)]
    [Parameter(ParameterSetName = BatchSet)]
    [ValidateNotNull]
    [DurationTransformation]
    public TimeSpan? Hedge { get; set; }

    /// <summary>The number of calls that may be in flight at once.</summary>
    [Parameter(ParameterSetName = AskSet)]
    [Parameter(ParameterSetName = BatchSet)]
    [ValidateRange(1, 1024)]
    public int ThrottleLimit { get; set; } = 8;

    /// <summary>A file in which every finished item is kept, so that a run that was cut off continues where it was: what it holds is not sent again.</summary>
    [Parameter(ParameterSetName = BatchSet)]
    [ValidateNotNullOrEmpty]
    public string? Journal { get; set; }

    /// <summary>What to do with items that an earlier run of the journal sent and whose answer never came: send them again, or leave them.</summary>
    [Parameter(ParameterSetName = BatchSet)]
    [ValidateSet("Retry", "Skip")]
    public string Resume { get; set; } = "Retry";

    /// <summary>Writes answers as they finish instead of in the order of the input.</summary>
    [Parameter(ParameterSetName = BatchSet)]
    public SwitchParameter AsCompleted { get; set; }

    /// <summary>The maximum number of requests per minute, retries and hedges included.</summary>
    [Parameter(ParameterSetName = BatchSet)]
    [ValidateRange(1, 1_000_000)]
    public int? RequestsPerMinute { get; set; }

    /// <summary>The maximum number of tokens per minute.</summary>
    [Parameter(ParameterSetName = BatchSet)]
    [ValidateRange(1, 1_000_000_000)]
    public int? TokensPerMinute { get; set; }

    /// <summary>The number of calls that may fail before the run stops, or a share such as <c>5%</c>.</summary>
    [Parameter(ParameterSetName = BatchSet)]
    [ValidateNotNullOrEmpty]
    public string? ErrorThreshold { get; set; }

    /// <summary>How long to wait for a gateway that stopped responding: 10m, 1h, a TimeSpan, or seconds.</summary>
    [Parameter(ParameterSetName = BatchSet)]
    [ValidateNotNull]
    [DurationTransformation]
    public TimeSpan? WaitForGateway { get; set; }

    /// <summary>The spending ceiling in US dollars, for all calls of the command together.</summary>
    [Parameter]
    [ValidateNotNull]
    public decimal? MaxCost { get; set; }

    /// <summary>The model, or a chain of models to try in this order, such as <c>gpt-4o/openai,claude-4.5-sonnet,!azure</c>. The connection's when left out, else <c>$env:HELICONE_MODEL</c>, else gpt-4o-mini.</summary>
    [Parameter, ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ModelCompleter))]
    public string[]? Model { get; set; }

    /// <summary>The models to try, in this order, when the model fails.</summary>
    [Parameter, ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ModelCompleter))]
    public string[] Fallback { get; set; } = [];

    /// <summary>Providers not to use.</summary>
    [Parameter, ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ProviderCompleter))]
    public string[] ExcludeProvider { get; set; } = [];

    /// <summary>Answers from Helicone's cache when the same was asked before, and stores the answer.</summary>
    [Parameter]
    public SwitchParameter Cache { get; set; }

    /// <summary>How long a stored answer may be used: 7d, 1h, a TimeSpan, or seconds. 7 days when left out.</summary>
    [Parameter]
    [ValidateNotNull]
    [DurationTransformation]
    public TimeSpan? CacheMaxAge { get; set; }

    /// <summary>Keeps answers apart: calls with another seed do not share them.</summary>
    [Parameter]
    public string? CacheSeed { get; set; }

    /// <summary>The number of different answers to collect before one of them is used again: 1 to 20.</summary>
    [Parameter]
    [ValidateNotNull]
    public int? CacheBucketSize { get; set; }

    /// <summary>A limit for this kind of call: <c>'100;w=3600;s=user'</c>, <c>@{ Quota = 100; Window = '1h' }</c>, or a name that the connection defines.</summary>
    [Parameter, ValidateNotNull]
    [ArgumentCompleter(typeof(RateLimitCompleter))]
    public object? RateLimitPolicy { get; set; }

    /// <summary>Any other header.</summary>
    [Parameter]
    [Alias("Headers")]
    [ValidateNotNull]
    public IDictionary? Header { get; set; }

    /// <summary>The time limit of the call, its retries included.</summary>
    [Parameter, ValidateRange(0.001, 86400.0)]
    public double? TimeoutSec { get; set; }

    /// <summary>The time limit of the first token of a stream.</summary>
    [Parameter, ValidateRange(0.001, 86400.0)]
    public double? FirstTokenTimeoutSec { get; set; }

    /// <summary>The time limit of silence within an answer.</summary>
    [Parameter, ValidateRange(0.001, 86400.0)]
    public double? IdleTimeoutSec { get; set; }

    /// <summary>The number of retries after a failure that may pass.</summary>
    [Parameter]
    [Alias("MaximumRetryCount")]
    [ValidateRange(0, 20)]
    public int? MaxRetry { get; set; }

    /// <summary>The call's path in the session: <c>weather</c> extends the session's path, <c>/weather</c> replaces it. A script block writes it for each input object.</summary>
    [Parameter, ValidateNotNullOrEmpty]
    [TextOrScriptTransformation]
    public object? SessionPath { get; set; }

    /// <summary>Properties to find the call by in Helicone: a hashtable, whose values may be script blocks, or a script block that writes one for each input object.</summary>
    [Parameter, ValidateNotNull]
    [ArgumentCompleter(typeof(PropertyCompleter))]
    public object? Property { get; set; }

    /// <summary>The end user that the call is for. A script block writes it for each input object.</summary>
    [Parameter]
    [TextOrScriptTransformation]
    [ArgumentCompleter(typeof(UserCompleter))]
    public object? UserId { get; set; }

    private protected override object? Target => Prompt;

    private bool HasInput => MyInvocation.ExpectingInput || MyInvocation.BoundParameters.ContainsKey(nameof(InputObject));

    private bool SkipsSent => Resume.Equals("Skip", StringComparison.OrdinalIgnoreCase);

    /// <summary>One call for all of the input, rather than one for each object.</summary>
    private bool IsAboutAllInput => Prompt is string && !ForEach;

    private protected override Task BeginProcessingAsync(CancellationToken cancellationToken)
    {
        HeliconeConnection connection = _connection = Connect();
        _tags = new ItemTags(this, UserId, Property, SessionPath);
        CheckCombination();
        _reader = new InputReader(this, Prompt as ScriptBlock);
        _attachments = new Attachments(this).Read(Image, File);
        _request = Request(connection);
        _options = Options(connection);
        BulkOptions runOptions = RunOptions();
        _sender = new ChatSender(this, connection.Client, runOptions, IncludeInput, Tools(connection)) { RequestId = RequestId, Streams = Stream, Shows = Show, IsBatch = ParameterSetName == BatchSet };

        // Last, because it locks the file: by now, all other invalid input has been reported.
        if (Journal is not null && !_sender.Approval.IsWhatIf)
        {
            _sender.Journal = new RunJournal(this, Journal, SkipsSent);
            _sender.Journal.Report();
        }

        return Task.CompletedTask;
    }

    private protected override Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        if (!HasInput)
        {
            return Task.CompletedTask;
        }

        // The engine wraps what it pipes. A script that compares an answer's Input with it expects the object itself.
        object? input = PlainValue.Unwrap(InputObject);
        if (IsAboutAllInput)
        {
            _context.Add(input);
            return Task.CompletedTask;
        }

        return _reader.ReadItem(input) is { } content && _tags.Apply(_options, _connection, input) is { } options
            ? AskAsync(content, options, isOneOfMany: true, cancellationToken)
            : Task.CompletedTask;
    }

    private protected override async Task EndProcessingAsync(CancellationToken cancellationToken)
    {
        // A log that is empty, or a variable that is $null: the model would be paid for inventing what the question is about.
        IReadOnlyList<ContentPart>? context = _context.Count > 0 ? _reader.Read(_context, Prompt) : [];
        if (context is { Count: > 0 })
        {
            await AskAsync(context, _options with { Input = Prompt }, isOneOfMany: false, cancellationToken);
        }
        else if (context is not null && _context.Count > 0)
        {
            WriteWarning("The input from the pipeline is empty, so the prompt wasn't sent.");
        }
        else if (context is not null && MyInvocation.ExpectingInput && IsAboutAllInput)
        {
            WriteWarning("There was no input from the pipeline, so the prompt wasn't sent.");
        }
        else if (!HasInput)
        {
            await AskAsync([], _options with { Input = Prompt ?? Message.LastOrDefault() }, isOneOfMany: false, cancellationToken);
        }

        await _sender!.EndAsync();
    }

    private protected override Task AbandonAsync() => _sender?.AbandonAsync() ?? Task.CompletedTask;

    private protected override IDisposable? Observe() => IsDebug ? new ExchangeDebug(this, Post) : null;

    private Task AskAsync(IReadOnlyList<ContentPart> content, RequestOptions options, bool isOneOfMany, CancellationToken cancellationToken)
    {
        ChatRequest request = InputContent.Message(Prompt as string, [.. content, .. _attachments]) is { } message ? _request with { Messages = [.. _request.Messages, message] } : _request;
        return _sender!.SendAsync(request, options, isOneOfMany, cancellationToken);
    }

    /// <summary>Reports combinations of parameters that the binder can't reject.</summary>
    private void CheckCombination()
    {
        if ((Prompt is ScriptBlock || _tags.HasScript) && (IsAboutAllInput || !HasInput))
        {
            Refuse(InvalidInput.Option, HasInput
                ? "A script block runs for each input object, but this prompt is sent once for all of them. Add -ForEach."
                : "A script block runs for each input object, but there is no input. Pipe objects to the command.", Target);
        }

        if (Prompt is not null && ForEach && !HasInput)
        {
            Refuse(InvalidInput.Prompt, "-ForEach sends the prompt for each input object, but there is no input. Pipe objects to the command, or omit -ForEach.", Prompt);
        }

        if (MaxContextToken is not null && Conversation is null)
        {
            Refuse(InvalidInput.Option, "-MaxContextToken limits the conversation to continue, but no conversation was specified. Add -Conversation.", MaxContextToken);
        }

        if (Show && (As is not null || Hedge is not null))
        {
            Refuse(InvalidInput.Option, As is not null
                ? "-Show shows an answer as it arrives, but the objects of -As are written when they are complete. Omit -Show."
                : "-Show streams the answer, but -Hedge is for answers that aren't streamed. Omit one of them.", Target);
        }

        if (MyInvocation.BoundParameters.ContainsKey(nameof(Resume)) && Journal is null)
        {
            Refuse(InvalidInput.Bulk, "-Resume applies to the items of a journal, but there is no journal. Add -Journal.", Resume);
        }
    }

    private ChatRequest Request(HeliconeConnection connection)
    {
        if (Prompt is string prompt && string.IsNullOrWhiteSpace(prompt))
        {
            Refuse(InvalidInput.Prompt, "The prompt is empty.", Prompt);
        }

        List<ChatMessage> messages = [];
        Conversation? conversation = Conversation is null ? null : ConversationArgument.Read(this, Conversation, System, MaxContextToken);
        if (System is not null && conversation is null)
        {
            messages.Add(new ChatMessage("system", System));
        }

        for (int i = 0; i < Message.Length; i++)
        {
            object message = Message[i];
            messages.Add(Valid(() => Messages.From(message, $"Message[{i}]"), message, InvalidInput.Message));
        }

        Dictionary<string, object?>? body = Body is null ? null : Valid(() => PlainValue.From(Body, "Body"), Body, InvalidInput.Body);
        bool asks = Prompt is not null || Message.Length > 0 || _attachments.Count > 0 || HasInput;
        if (!asks && body?.ContainsKey("messages") != true && body?.ContainsKey("prompt_id") != true)
        {
            Refuse(InvalidInput.Prompt, "The command has no prompt, no message, and no input from the pipeline.", Prompt);
        }

        if ((asks || System is not null || conversation is not null) && body?.ContainsKey("messages") == true)
        {
            Refuse(InvalidInput.Body, "The field 'messages' of -Body would replace the messages of the other parameters. Use -Message instead, or only -Body.", Body);
        }

        return new ChatRequest(messages)
        {
            Conversation = conversation,
            Model = ModelArgument.Read(this, Model, Fallback, ExcludeProvider, conversation?.Model ?? connection.Route, connection.Client.Options.DefaultModel),
            Temperature = Temperature,
            TopP = TopP,
            MaxTokens = MaxTokens,
            Stop = Stop,
            Seed = Seed,
            ReasoningEffort = ReasoningEffort,
            ResponseFormat = Format(),
            Shape = Shape(body),
            Body = body,
        };
    }

    private object? Format()
    {
        if (As is not null && ResponseFormat is not null)
        {
            Refuse(InvalidInput.Shape, "-As sets the response format. Omit -ResponseFormat.", ResponseFormat);
        }

        return ResponseFormat is null ? null : Valid(() => ResponseFormatArgument.From(ResponseFormat), ResponseFormat, InvalidInput.Body);
    }

    private AnswerShape? Shape(Dictionary<string, object?>? body)
    {
        if (As is null)
        {
            if (IncludeInput)
            {
                Refuse(InvalidInput.Shape, "-IncludeInput adds a property to the objects of -As, but -As wasn't specified. An answer without -As contains its input in the property Input.", null);
            }

            return null;
        }

        if (body?.ContainsKey("response_format") == true)
        {
            Refuse(InvalidInput.Shape, "-As sets the response format. Remove 'response_format' from -Body.", Body);
        }

        AnswerShape shape = Valid(() => ShapeArgument.From(As, GetUnresolvedProviderPathFromPSPath), As, InvalidInput.Shape);
        if (IncludeInput && AnswerObjects.InputConflict(shape) is { } conflict)
        {
            Refuse(InvalidInput.Shape, conflict, As);
        }

        return shape;
    }

    /// <summary>The tags and time limits of the calls, validated, so that creating a call can't fail because of them.</summary>
    private RequestOptions Options(HeliconeConnection connection)
    {
        if (Hedge is { } hedge && (hedge <= TimeSpan.Zero || hedge > TimeSpan.FromDays(1)))
        {
            Refuse(InvalidInput.Option, "-Hedge must be more than zero and at most a day.", Hedge);
        }

        RateLimitPolicy? limit = RateLimitPolicy is null
            ? null
            : Valid(() => RateLimitArgument.From(RateLimitPolicy, connection.RateLimitPolicy), RateLimitPolicy, InvalidInput.RateLimitPolicy);
        IReadOnlyDictionary<string, string>? headers = CallHeaders.Read(this, Header, ref limit);

        // Script blocks write the tags of each call later.
        IDictionary? properties = Property is null || ItemScript.IsIn(Property) ? null : Valid(() => ItemScript.Entries(Property, null, nameof(Property)), Property, InvalidInput.Property);

        // A conversation stays in its session, whatever other session has been entered meanwhile.
        bool keepsSession = _request.Conversation is { Session: not null } && Session is null && SessionPath is null;
        RequestOptions options = new()
        {
            Session = keepsSession ? null : SessionPath is string path ? Valid(() => ItemTags.At(CallSession(connection), path), path, InvalidInput.Session) : CallSession(connection),
            Tags = Tags(connection, UserId as string, properties),
            Cache = CachePolicy(),
            RateLimit = limit,
            TotalTimeout = Seconds(TimeoutSec),
            FirstTokenTimeout = Seconds(FirstTokenTimeoutSec),
            IdleTimeout = Seconds(IdleTimeoutSec),
            MaxRetries = MaxRetry,
            HedgeAfter = Hedge,
            Ceiling = MaxCost is null ? null : Valid(() => new SpendingCeiling(MaxCost.Value), MaxCost, InvalidInput.Option),
            OnRetry = attempt => Post(() => WriteVerbose(CallReport.Retry(attempt))),
        };

        // The segment of a limit names a user or a property, so it can only be checked with both at hand.
        if (!_tags.HasScript)
        {
            _ = Valid(options.Validate, RateLimitPolicy, InvalidInput.RateLimitPolicy);
        }

        options = options with { Headers = headers };
        _ = Valid((_tags.HasScript ? options with { RateLimit = null } : options).Validate, Header, InvalidInput.Header);
        return options;
    }

    private static TimeSpan? Seconds(double? seconds) => seconds is { } value ? TimeSpan.FromSeconds(value) : null;

    private CachePolicy? CachePolicy()
    {
        bool isDescribed = CacheMaxAge is not null || CacheSeed is not null || CacheBucketSize is not null;
        bool isWanted = MyInvocation.BoundParameters.ContainsKey(nameof(Cache)) ? Cache.IsPresent : isDescribed;
        return isWanted
            ? Valid(() => new CachePolicy { MaxAge = CacheMaxAge, Seed = CacheSeed, BucketSize = CacheBucketSize }, (object?)CacheMaxAge ?? (object?)CacheBucketSize ?? CacheSeed, InvalidInput.Cache)
            : null;
    }

    private ToolCalls? Tools(HeliconeConnection connection)
    {
        if (Tool.Length == 0)
        {
            return null;
        }

        ToolSet tools = ToolSet.Read(this, Tool, AllowTool, DenyTool, ToolMode.Equals("WhatIf", StringComparison.OrdinalIgnoreCase), Tool, out ToolApproval approval);
        if (_request.Body?.ContainsKey("tools") == true)
        {
            Refuse(InvalidInput.Tool, "Specify the tools with either -Tool or -Body.", "tools");
        }

        string? choice = ToolChoice is null ? null : Valid(() => tools.Choose(ToolChoice), ToolChoice, InvalidInput.Tool);
        _request = _request with { Tools = tools.Definitions, ToolChoice = choice };
        ToolLimits limits = new() { Rounds = MaxToolRound, Timeout = TimeSpan.FromSeconds(ToolTimeoutSec), OutputCharacters = ToolOutputLimit };
        return new ToolCalls(this, Post, connection.Client, tools, approval, limits, ToolMode.Equals("Manual", StringComparison.OrdinalIgnoreCase));
    }

    private BulkOptions RunOptions()
    {
        if (WaitForGateway is { } wait && wait <= TimeSpan.Zero)
        {
            Refuse(InvalidInput.Bulk, "-WaitForGateway must be more than zero.", wait);
        }

        return Valid(
            () => new BulkOptions
            {
                ThrottleLimit = ThrottleLimit,
                AsCompleted = AsCompleted,
                Resume = SkipsSent ? ResumeMode.Skip : ResumeMode.Retry,
                RequestsPerMinute = RequestsPerMinute,
                TokensPerMinute = TokensPerMinute,
                ErrorThreshold = ErrorThreshold is null ? null : Bulk.ErrorThreshold.Parse(ErrorThreshold),
                WaitForGateway = WaitForGateway,
            },
            ErrorThreshold,
            InvalidInput.Bulk);
    }

    private void Refuse(InvalidInput input, string why, object? target) => ThrowTerminatingError(ErrorRecords.Invalid(input, new FormatException(why), target));
}
