using System;
using System.Collections;
using System.IO;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Attribution;
using Helicone.Bulk;
using Helicone.Chat;
using Helicone.Completion;
using Helicone.Connections;
using Helicone.Errors;
using Helicone.Prompts;
using Helicone.Runtime;
using Helicone.Schemas;
using Helicone.Spending;
using Helicone.Tools;
using Helicone.Transformation;

namespace Helicone.Commands;

/// <summary>Sends the prompt of a prompt file, whose inputs are parameters: once, or once for each object of the pipeline.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "HeliconePrompt", SupportsShouldProcess = true)]
[OutputType(typeof(ChatCompletion), typeof(ChatChunk), typeof(PSObject))]
public sealed class InvokeHeliconePromptCommand : TaggingCommand, IDynamicParameters
{
    private RuntimeDefinedParameterDictionary? _parameters;
    private Exception? _problem;
    private PromptFolders? _folders;
    private PromptFile? _prompt;
    private ModelRoute _model = null!;
    private AnswerShape? _shape;
    private RequestOptions _options = null!;
    private ToolSet? _toolSet;
    private ChatSender? _sender;

    /// <summary>The name of the prompt, or the path of its file.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(PromptCompleter))]
    public string? Name { get; set; }

    /// <summary>Objects whose properties are the values of the inputs: each object is a call.</summary>
    [Parameter(ValueFromPipeline = true)]
    [AllowNull]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public object? InputObject { get; set; }

    /// <summary>The folders with the prompt files.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? Path { get; set; }

    /// <summary>The model, or a chain of models, instead of that of the file.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ModelCompleter))]
    public string[]? Model { get; set; }

    /// <summary>The models to try, in this order, when the model fails.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ModelCompleter))]
    public string[] Fallback { get; set; } = [];

    /// <summary>Providers not to use.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ProviderCompleter))]
    public string[] ExcludeProvider { get; set; } = [];

    /// <summary>Randomness, 0 to 2, instead of that of the file.</summary>
    [Parameter]
    [ValidateRange(0.0, 2.0)]
    public double? Temperature { get; set; }

    /// <summary>The maximum number of tokens of the answer, instead of that of the file.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? MaxTokens { get; set; }

    /// <summary>The shape of the answer, instead of the schema of the file.</summary>
    [Parameter]
    [ValidateNotNull]
    public object? As { get; set; }

    /// <summary>Tools of the file that may run without a question.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ToolCompleter))]
    public string[]? AllowTool { get; set; }

    /// <summary>Tools of the file that may not run.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ToolCompleter))]
    public string[]? DenyTool { get; set; }

    /// <summary>Adds the input to each object as the property Input.</summary>
    [Parameter]
    public SwitchParameter IncludeInput { get; set; }

    /// <summary>Writes the answer in chunks as they arrive.</summary>
    [Parameter]
    public SwitchParameter Stream { get; set; }

    /// <summary>The number of calls that may be in flight at once.</summary>
    [Parameter]
    [ValidateRange(1, 1024)]
    public int ThrottleLimit { get; set; } = 8;

    /// <summary>The spending ceiling in US dollars, for all calls of the command together.</summary>
    [Parameter]
    [ValidateNotNull]
    public decimal? MaxCost { get; set; }

    /// <summary>Answers from Helicone's cache when the same was asked before, and stores the answer.</summary>
    [Parameter]
    public SwitchParameter Cache { get; set; }

    /// <summary>How long a stored answer may be used: 7d, 1h, a TimeSpan, or seconds.</summary>
    [Parameter]
    [ValidateNotNull]
    [DurationTransformation]
    public TimeSpan? CacheMaxAge { get; set; }

    /// <summary>The time limit of the call, its retries included.</summary>
    [Parameter]
    [ValidateRange(0.001, 86400.0)]
    public double? TimeoutSec { get; set; }

    /// <summary>The number of retries after a failure that may pass.</summary>
    [Parameter]
    [Alias("MaximumRetryCount")]
    [ValidateRange(0, 20)]
    public int? MaxRetry { get; set; }

    /// <summary>The call's path in the session.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SessionPath { get; set; }

    /// <summary>Properties to find the call by in Helicone.</summary>
    [Parameter]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(PropertyCompleter))]
    public IDictionary? Property { get; set; }

    /// <summary>The end user that the call is for.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(UserCompleter))]
    public string? UserId { get; set; }

    private protected override object? Target => Name;

    /// <summary>The inputs of the prompt as parameters.</summary>
    /// <remarks>An invalid file is reported when the command begins: an exception here would have no error id of this module.</remarks>
    public object? GetDynamicParameters()
    {
        if (string.IsNullOrEmpty(Name))
        {
            return null;
        }

        try
        {
            _folders = new PromptFolders(SessionState.Path, Path);
            _prompt = _folders.Find(Name!) is { } path ? PromptFile.Load(path) : null;
            _parameters = _prompt is null ? PromptParameters.Any() : PromptParameters.Of(_prompt, GetType());
        }
        catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException or RuntimeException)
        {
            (_problem, _parameters) = (e, PromptParameters.Any());
        }

        return _parameters;
    }

    private protected override Task BeginProcessingAsync(CancellationToken cancellationToken)
    {
        if (_problem is not null)
        {
            ThrowTerminatingError(ErrorRecords.Invalid(InvalidInput.PromptFile, _problem, Name));
        }

        if (_prompt is null)
        {
            ThrowTerminatingError(ErrorRecords.PromptNotFound(_folders?.Describe(Name!) ?? $"There is no prompt '{Name}'.", Name));
        }

        HeliconeConnection connection = Connect();
        _shape = Shape(_prompt!);
        ToolCalls? tools = Tools(_prompt!, connection);
        _model = ModelArgument.Read(this, Model, Fallback, ExcludeProvider, _prompt!.Model ?? connection.Route, connection.Client.Options.DefaultModel);
        _options = Options(connection);
        _sender = new ChatSender(this, connection.Client, new BulkOptions { ThrottleLimit = ThrottleLimit }, IncludeInput, tools) { RequestId = RequestId, Streams = Stream };
        return Task.CompletedTask;
    }

    private protected override Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        bool isOneOfMany = MyInvocation.ExpectingInput;
        object? input = isOneOfMany ? PlainValue.Unwrap(InputObject) : Name;
        ChatRequest? request = isOneOfMany
            ? TryRead(Request, input, InvalidInput.PromptInput, out ChatRequest? read) ? read : null
            : Valid(Request, Name, InvalidInput.PromptInput);
        return request is null ? Task.CompletedTask : _sender!.SendAsync(request, _options with { Input = input }, isOneOfMany, cancellationToken);
    }

    private protected override Task EndProcessingAsync(CancellationToken cancellationToken) => _sender!.EndAsync();

    private protected override Task AbandonAsync() => _sender?.AbandonAsync() ?? Task.CompletedTask;

    private protected override IDisposable? Observe() => IsDebug ? new ExchangeDebug(this, Post) : null;

    private ChatRequest Request()
    {
        ChatRequest request = _prompt!.Render(PromptParameters.Values(_parameters!));
        return request with
        {
            Model = _model,
            Temperature = Temperature ?? request.Temperature,
            MaxTokens = MaxTokens ?? request.MaxTokens,
            ResponseFormat = _shape is null ? request.ResponseFormat : null,
            Shape = _shape,
            Tools = _toolSet?.Definitions ?? request.Tools,
        };
    }

    /// <summary>The commands that the file names. What may run is decided as for Invoke-HeliconeChat -Tool: a file can't approve anything.</summary>
    private ToolCalls? Tools(PromptFile prompt, HeliconeConnection connection)
    {
        if (prompt.Tools.Count == 0)
        {
            return null;
        }

        _toolSet = ToolSet.Read(this, [.. prompt.Tools], AllowTool, DenyTool, whatIf: false, Name, out ToolApproval approval);
        return new ToolCalls(this, Post, connection.Client, _toolSet, approval, new ToolLimits(), isManual: false);
    }

    private AnswerShape? Shape(PromptFile prompt)
    {
        _ = Valid(
            () =>
            {
                prompt.Check(ShapeArgument.Options());
                return prompt;
            },
            Name,
            InvalidInput.PromptFile);
        AnswerShape? shape = As is null
            ? Valid(() => prompt.ReadShape(ShapeArgument.Options()), Name, InvalidInput.PromptFile)
            : Valid(() => ShapeArgument.From(As, GetUnresolvedProviderPathFromPSPath), As, InvalidInput.Shape);
        if (IncludeInput && shape is null)
        {
            Refuse(InvalidInput.Shape, "-IncludeInput adds a property to the objects that -As, or the schema of the prompt file, makes. An answer without one has its input in the property Input.", null);
        }

        if (IncludeInput && AnswerObjects.InputConflict(shape!) is { } conflict)
        {
            Refuse(InvalidInput.Shape, conflict, As ?? Name);
        }

        return shape;
    }

    private RequestOptions Options(HeliconeConnection connection)
    {
        HeliconeSession? session = CallSession(connection);
        RequestOptions options = new()
        {
            Session = SessionPath is null ? session : Valid(() => ItemTags.At(session, SessionPath), SessionPath, InvalidInput.Session),
            Tags = Tags(connection, UserId, Property),
            Cache = (MyInvocation.BoundParameters.ContainsKey(nameof(Cache)) ? Cache.IsPresent : CacheMaxAge is not null) ? Valid(() => new CachePolicy { MaxAge = CacheMaxAge }, CacheMaxAge, InvalidInput.Cache) : null,
            TotalTimeout = TimeoutSec is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            MaxRetries = MaxRetry,
            Ceiling = MaxCost is null ? null : Valid(() => new SpendingCeiling(MaxCost.Value), MaxCost, InvalidInput.Option),
            OnRetry = attempt => Post(() => WriteVerbose(CallReport.Retry(attempt))),
        };
        _ = Valid(options.Validate, Property);
        return options;
    }

    private void Refuse(InvalidInput input, string why, object? target) => ThrowTerminatingError(ErrorRecords.Invalid(input, new FormatException(why), target));
}
