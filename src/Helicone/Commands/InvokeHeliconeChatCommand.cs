using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Chat;
using Helicone.Conversations;
using Helicone.Errors;
using Helicone.Runtime;
using Helicone.Transformation;

namespace Helicone.Commands;

/// <summary>Asks a model: one prompt, a prompt about what comes down the pipeline, or one call for each object that does.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "HeliconeChat")]
[Alias("ihc")]
[OutputType(typeof(ChatCompletion), typeof(ChatChunk))]
public sealed class InvokeHeliconeChatCommand : HeliconeBulkCommand
{
    private readonly List<object?> _context = [];
    private HeliconeClient _client = null!;
    private ChatRequest _request = null!;
    private RequestOptions _options = null!;
    private List<ContentPart> _attachments = [];
    private int _asked;

    /// <summary>What to ask. With input from the pipeline, the question about it.</summary>
    [Parameter(Position = 0)]
    [AllowEmptyString]
    public string? Prompt { get; set; }

    /// <summary>What the prompt is about: all of it together in one call. Without a prompt, or with -ForEach, one call for each object.</summary>
    [Parameter(ValueFromPipeline = true)]
    [AllowNull]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public object? InputObject { get; set; }

    /// <summary>Asks the prompt about each object in a call of its own.</summary>
    [Parameter]
    public SwitchParameter ForEach { get; set; }

    /// <summary>How the model shall behave.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? System { get; set; }

    /// <summary>The conversation so far: hashtables such as <c>@{ role = 'user'; content = 'Hello' }</c>, answers, or text.</summary>
    [Parameter]
    [ValidateNotNull]
    public object[] Message { get; set; } = [];

    /// <summary>The conversation to go on with: an answer, or a conversation. What was exchanged in it is sent again, unchanged.</summary>
    [Parameter]
    [ValidateNotNull]
    public object? Conversation { get; set; }

    /// <summary>The maximum number of tokens of the conversation to send, by estimate. The oldest turns are left out whole.</summary>
    [Parameter]
    [ValidateRange(1L, long.MaxValue)]
    public long? MaxContextToken { get; set; }

    /// <summary>Images for the prompt: paths, which may contain wildcards, web addresses, files, or bytes.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public object[]? Image { get; set; }

    /// <summary>Files for the prompt: images, PDFs, sound, or text, as paths, which may contain wildcards, files, or bytes.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public object[]? File { get; set; }

    /// <summary>Randomness, 0 to 2.</summary>
    [Parameter]
    [ValidateRange(0.0, 2.0)]
    public double? Temperature { get; set; }

    /// <summary>Nucleus sampling, 0 to 1.</summary>
    [Parameter]
    [ValidateRange(0.0, 1.0)]
    public double? TopP { get; set; }

    /// <summary>The most tokens to answer with.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? MaxTokens { get; set; }

    /// <summary>Up to four texts at which to stop.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? Stop { get; set; }

    /// <summary>For answers that are as alike as the provider can make them.</summary>
    [Parameter]
    public long? Seed { get; set; }

    /// <summary>How much a reasoning model thinks: <c>low</c>, <c>medium</c>, <c>high</c>, or another word that the provider takes.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(Completion.ReasoningEffortCompleter))]
    public string? ReasoningEffort { get; set; }

    /// <summary><c>text</c>, <c>json</c>, or a hashtable such as <c>@{ type = 'json_schema'; json_schema = … }</c>.</summary>
    [Parameter]
    [ValidateNotNull]
    public object? ResponseFormat { get; set; }

    /// <summary>Any other field of the request's body, by its wire name; it wins over the parameters.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? Body { get; set; }

    /// <summary>Gives the answer out piece by piece, as it arrives.</summary>
    [Parameter]
    public SwitchParameter Stream { get; set; }

    /// <summary>After how long without a first byte a second attempt races the first: 2s, a TimeSpan, or seconds. Both may be paid for.</summary>
    [Parameter]
    [DurationTransformation]
    public TimeSpan? Hedge { get; set; }

    private protected override object? Target => Prompt;

    /// <summary>One call for all of the input, rather than one for each object.</summary>
    private bool IsAboutAllInput => Prompt is not null && !ForEach;

    private protected override Task BeginProcessingAsync(CancellationToken cancellationToken)
    {
        Connections.HeliconeConnection connection = Connect();
        _client = connection.Client;
        _request = Request(connection);
        _options = CallOptions(connection) with { HedgeAfter = Hedge };
        if (_request.Conversation is { Session: not null } && Session is null && SessionPath is null)
        {
            // The conversation stays in its session, whatever other session has been entered meanwhile.
            _options = _options with { Session = null };
        }

        _attachments = Attachments();
        if (Prompt is not null && string.IsNullOrWhiteSpace(Prompt))
        {
            Refuse("The prompt is empty.");
        }

        CheckHedge();

        // Last, since it takes the journal: whatever else is wrong has been said by now.
        CheckRun(Stream);
        return Task.CompletedTask;
    }

    private protected override Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        if (!MyInvocation.ExpectingInput && !MyInvocation.BoundParameters.ContainsKey(nameof(InputObject)))
        {
            return Task.CompletedTask;
        }

        // The engine wraps what it pipes; who compares Completion.Input with it expects the thing itself.
        object? input = PlainValue.Unwrap(InputObject);
        if (IsAboutAllInput)
        {
            _context.Add(input);
            return Task.CompletedTask;
        }

        if (Content([input], input) is not { } content)
        {
            return Task.CompletedTask;
        }

        if (content.Count == 0)
        {
            WriteError(ErrorRecords.Invalid(InvalidInput.Prompt, new FormatException("An object of the input is empty: there is nothing to ask."), input));
            return Task.CompletedTask;
        }

        return AskAsync(content, input, isOneOfMany: true, cancellationToken);
    }

    private protected override async Task EndProcessingAsync(CancellationToken cancellationToken)
    {
        // A log that is empty, or a variable that is $null: the model would be paid for inventing what the question is about.
        IReadOnlyList<ContentPart>? context = _context.Count > 0 ? Content(_context, Prompt) : [];
        if (context is { Count: > 0 })
        {
            await AskAsync(context, Prompt, isOneOfMany: false, cancellationToken);
        }
        else if (context is not null && _context.Count > 0)
        {
            WriteWarning("What came down the pipeline is empty, so the prompt was not asked.");
        }
        else if (context is not null && MyInvocation.ExpectingInput && IsAboutAllInput)
        {
            WriteWarning("Nothing came down the pipeline, so the prompt was not asked.");
        }
        else if (!MyInvocation.ExpectingInput && !MyInvocation.BoundParameters.ContainsKey(nameof(InputObject)))
        {
            await AskAsync([], (object?)Prompt ?? Message.LastOrDefault(), isOneOfMany: false, cancellationToken);
        }

        await EndRunAsync();
    }

    private Task AskAsync(IReadOnlyList<ContentPart> content, object? input, bool isOneOfMany, CancellationToken cancellationToken)
    {
        if (_asked++ > 0 && RequestId is not null)
        {
            ThrowTerminatingError(ErrorRecords.Invalid(InvalidInput.RequestId, new FormatException("-RequestId names one call, and this is the second."), input));
        }

        ChatRequest request = UserMessage(content) is { } message ? _request with { Messages = [.. _request.Messages, message] } : _request;
        RequestOptions options = _options with { Input = input };
        if (Stream)
        {
            return StreamAsync(request, options, cancellationToken);
        }

        return isOneOfMany || IsRun
            ? RunAsync(_client, request, options, cancellationToken)
            : CompleteAsync(request, options, cancellationToken);
    }

    /// <summary>The prompt, then what it is about. Text alone stays text: some models take nothing else.</summary>
    private ChatMessage? UserMessage(IReadOnlyList<ContentPart> content)
    {
        List<ContentPart> parts = [.. content, .. _attachments];
        if (parts.TrueForAll(static part => part.Kind == ContentPartKind.Text))
        {
            string text = string.Join("\n\n", new[] { Prompt }.Concat(parts.Select(static part => part.Text)).Where(static text => !string.IsNullOrEmpty(text)));
            return text.Length == 0 ? null : new ChatMessage("user", text);
        }

        if (Prompt is not null)
        {
            parts.Insert(0, ContentPart.FromText(Prompt));
        }

        return new ChatMessage("user", parts);
    }

    /// <summary>The objects as content; <see langword="null"/>, after an error, when one of them can't be sent.</summary>
    private IReadOnlyList<ContentPart>? Content(IReadOnlyList<object?> items, object? target)
    {
        InputContent content = new(InvokeCommand);
        object? current = target;
        try
        {
            // What is read may be a script property, which runs code that is not ours.
            using PipelinePump.Suspension suspension = PipelinePump.Suspend();
            foreach (object? item in items)
            {
                current = item;
                content.Add(item);
            }

            IReadOnlyList<ContentPart> parts = content.Take();
            if (content.LeftOut is { } leftOut)
            {
                WriteWarning(leftOut);
            }

            return parts;
        }
        catch (Exception e) when (e is FormatException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            WriteError(ErrorRecords.Invalid(InvalidInput.File, e, current));
            return null;
        }
    }

    private List<ContentPart> Attachments()
    {
        List<ContentPart> parts = [];
        foreach (object item in Image ?? [])
        {
            AddAttachment(parts, item, nameof(Image));
        }

        foreach (object item in File ?? [])
        {
            AddAttachment(parts, item, nameof(File));
        }

        return parts;
    }

    private void AddAttachment(List<ContentPart> parts, object item, string parameter)
    {
        object? value = PlainValue.Unwrap(item);
        try
        {
            switch (value)
            {
                case byte[] bytes:
                    parts.Add(ContentFile.FromBytes(bytes));
                    break;
                case FileSystemInfo file:
                    parts.Add(ContentFile.Read(file.FullName));
                    break;
                case Uri or string when IsWebAddress(value.ToString()!):
                    parts.Add(parameter == nameof(Image)
                        ? ContentPart.FromImage(value.ToString()!)
                        : throw new FormatException("A file can't be sent by its web address. Download it first, and pass its path. Images can: -Image."));
                    break;
                case string path:
                    foreach (string file in GetResolvedProviderPathFromPSPath(path, out ProviderInfo provider))
                    {
                        parts.Add(provider.Name == "FileSystem"
                            ? ContentFile.Read(file)
                            : throw new FormatException($"'{path}' isn't in the file system."));
                    }

                    break;
                default:
                    throw new FormatException($"-{parameter} takes paths, files, web addresses, and bytes, not a {value?.GetType().Name ?? "null"}.");
            }

            if (parameter == nameof(Image) && parts.Count > 0 && parts[parts.Count - 1].Kind != ContentPartKind.Image)
            {
                throw new FormatException($"'{value}' isn't an image (PNG, JPEG, GIF, or WebP). Use -File for other files.");
            }
        }
        catch (Exception e) when (e is FormatException or ArgumentException or IOException or UnauthorizedAccessException or ItemNotFoundException)
        {
            ThrowTerminatingError(ErrorRecords.Invalid(InvalidInput.File, e, item));
        }
    }

    private static bool IsWebAddress(string text) =>
        text.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("data:", StringComparison.OrdinalIgnoreCase);

    private async Task CompleteAsync(ChatRequest request, RequestOptions options, CancellationToken cancellationToken)
    {
        try
        {
            ChatCompletion completion = await _client.Chat.CompleteAsync(request, options, cancellationToken).OnPipeline();
            await PricesAsync(completion);
            WriteObject(completion);
        }
        catch (HeliconeException e)
        {
            WriteError(ErrorRecords.From(e, options.Input));
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            ThrowTerminatingError(ErrorRecords.Invalid(InvalidInput.Body, e, options.Input));
        }
    }

    private async Task StreamAsync(ChatRequest request, RequestOptions options, CancellationToken cancellationToken)
    {
        AsyncSequence<ChatChunk>.Enumerator chunks = Valid(() => _client.Chat.Stream(request, options), options.Input, InvalidInput.Body).GetAsyncEnumerator(cancellationToken);
        try
        {
            while (await chunks.MoveNextAsync().AsTask())
            {
                await PricesAsync(chunks.Current.Completion);
                WriteObject(chunks.Current);
            }
        }
        catch (HeliconeException e)
        {
            WriteError(ErrorRecords.From(e, options.Input));
        }
        finally
        {
            await chunks.DisposeAsync().AsTask();
        }
    }

    /// <summary>Waits, for half a second at most, until an answer can be priced: the first answers of a connection may be there before the prices.</summary>
    private Task PricesAsync(ChatCompletion? completion) => completion is { Usage: not null, Cost: null } ? _client.Models.WaitForPricesAsync() : Task.CompletedTask;

    private void CheckHedge()
    {
        string? why = Hedge is not { } hedge ? null
            : Stream ? "-Hedge races two attempts for one answer, and a stream gives out the first piece before either has won. Leave out -Stream, or -Hedge."
            : hedge <= TimeSpan.Zero || hedge > TimeSpan.FromDays(1) ? "-Hedge must be more than zero and at most a day."
            : null;
        if (why is not null)
        {
            ThrowTerminatingError(ErrorRecords.Invalid(InvalidInput.Option, new FormatException(why), Hedge));
        }
    }

    private ChatRequest Request(Connections.HeliconeConnection connection)
    {
        List<ChatMessage> messages = [];
        Conversation? conversation = Continued();
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
        bool asks = Prompt is not null || Message.Length > 0 || _attachments.Count > 0 || MyInvocation.ExpectingInput || MyInvocation.BoundParameters.ContainsKey(nameof(InputObject));
        if (!asks && body?.ContainsKey("messages") != true && body?.ContainsKey("prompt_id") != true)
        {
            Refuse("There is nothing to ask: no prompt, no message, and nothing came down the pipeline.");
        }

        return new ChatRequest(messages)
        {
            Conversation = conversation,
            Model = Route(connection, conversation?.Model),
            Temperature = Temperature,
            TopP = TopP,
            MaxTokens = MaxTokens,
            Stop = Stop,
            Seed = Seed,
            ReasoningEffort = ReasoningEffort,
            ResponseFormat = Format(),
            Body = body,
        };
    }

    /// <summary>The conversation to go on with, with the system prompt of this call and without the turns that are too many.</summary>
    private Conversation? Continued()
    {
        if (Conversation is null)
        {
            return null;
        }

        Conversation conversation = Valid(() => Messages.Conversation(Conversation), Conversation, InvalidInput.Message);
        if (System is not null)
        {
            conversation = conversation.WithSystem(System);
        }

        if (MaxContextToken is { } max)
        {
            Conversation trimmed = conversation.Trim(max);
            int dropped = conversation.TurnCount - trimmed.TurnCount;
            if (dropped > 0)
            {
                WriteWarning(string.Format(CultureInfo.CurrentCulture, "{0} of {1} turns of the conversation were left out to stay within {2:N0} tokens.", dropped, conversation.TurnCount, max));
            }

            conversation = trimmed;
        }

        return conversation;
    }

    private object? Format() => PlainValue.Unwrap(ResponseFormat) switch
    {
        null => null,
        "json" => "json_object",
        string type => type,
        var other => Valid(() => PlainValue.From(other, "ResponseFormat"), ResponseFormat, InvalidInput.Body),
    };

    private void Refuse(string why) => ThrowTerminatingError(ErrorRecords.Invalid(InvalidInput.Prompt, new FormatException(why), Prompt));
}
