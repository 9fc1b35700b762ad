using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Attribution;
using Helicone.Chat;
using Helicone.Completion;
using Helicone.Connections;
using Helicone.Conversations;
using Helicone.Errors;
using Helicone.Formatting;
using Helicone.Prompt;
using Helicone.Runtime;
using Helicone.Spending;
using Helicone.Tools;
using Helicone.Transformation;

namespace Helicone.Commands;

/// <summary>Holds a conversation with a model at the prompt: answers as they arrive, commands that begin with a slash, and Ctrl+C that ends an answer.</summary>
[Cmdlet(VerbsCommon.Enter, "HeliconeChat", SupportsShouldProcess = true)]
[OutputType(typeof(Conversation))]
public sealed class EnterHeliconeChatCommand : ConnectedCommand
{
    private readonly List<ContentPart> _attachments = [];
    private readonly List<string> _attached = [];
    private readonly ChatTally _tally = new();
    private HeliconeConnection _connection = null!;
    private AnswerScreen _screen = null!;
    private ChatPrompt _prompt = null!;
    private Conversation _conversation = null!;
    private ModelRoute _model = null!;
    private SpendingCeiling? _ceiling;
    private ToolApproval _approval = null!;
    private List<HeliconeTool> _tools = [];
    private ToolFactory _factory = null!;
    private CancellationToken _stopped;

    // The last message, if it has no answer: it isn't part of the conversation.
    private ChatMessage? _unanswered;
    private string? _file;

    /// <summary>The model, or a chain of models to try in this order.</summary>
    [Parameter(Position = 0), ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ModelCompleter))]
    public string[]? Model { get; set; }

    /// <summary>The system prompt.</summary>
    [Parameter, ValidateNotNullOrEmpty]
    public string? System { get; set; }

    /// <summary>The conversation to continue: an answer, or a conversation.</summary>
    [Parameter, ValidateNotNull]
    public object? Conversation { get; set; }

    /// <summary>The session that the calls belong to: an object of New-HeliconeSession, or an id.</summary>
    [Parameter, ValidateNotNull]
    [ArgumentCompleter(typeof(SessionCompleter))]
    public object? Session { get; set; }

    /// <summary>The spending ceiling in US dollars for all calls of the chat together.</summary>
    [Parameter]
    [ValidateNotNull]
    public decimal? MaxCost { get; set; }

    /// <summary>The commands that the model may call: command names, commands, script blocks with parameters, tools of New-HeliconeTool or of an MCP server.</summary>
    [Parameter, ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ToolCompleter))]
    public object[] Tool { get; set; } = [];

    /// <summary>Tools that may run without a question.</summary>
    [Parameter, ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ToolCompleter))]
    public string[]? AllowTool { get; set; }

    /// <summary>Tools that may not run.</summary>
    [Parameter, ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ToolCompleter))]
    public string[]? DenyTool { get; set; }

    /// <summary>Writes the conversation when the chat ends.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override async Task EndProcessingAsync(CancellationToken cancellationToken)
    {
        _stopped = cancellationToken;
        _connection = Connect();
        _screen = new AnswerScreen(this, isRaw: false);
        _prompt = new ChatPrompt(this, _screen.IsStyled);
        _ceiling = MaxCost is null ? null : Valid(() => new SpendingCeiling(MaxCost.Value), MaxCost, InvalidInput.Option);
        _approval = new ToolApproval(this, AllowTool, DenyTool, whatIf: false);
        _factory = new ToolFactory(InvokeCommand);
        Begin();
        Say($"Chat with {_model}{(_conversation.TurnCount > 0 ? $", continuing {Describe(_conversation)}" : string.Empty)}. /help lists the commands, and /exit ends the chat.");

        bool isFirst = true;
        while (_prompt.Read(PromptText(), cancellationToken) is var text)
        {
            if (text is null)
            {
                // The host of a job reads nothing, where others say that they can't.
                if (isFirst && !_prompt.TakesControlC)
                {
                    ThrowTerminatingError(ErrorRecords.NotInteractive(new InvalidOperationException("The input has ended before anything was typed.")));
                }

                break;
            }

            isFirst = false;
            ChatLine line = ChatLine.Parse(text);
            if (line.Command is "/exit" or "/quit")
            {
                break;
            }

            if (line.Command is not null)
            {
                await RunAsync(line.Command, line.Text, cancellationToken);
            }
            else if (line.Text.Length > 0)
            {
                await AskAsync(line.Text, cancellationToken);
            }
        }

        if (PassThru)
        {
            WriteObject(_conversation);
        }
    }

    private protected override Task AbandonAsync()
    {
        _screen?.Abandon();
        return Task.CompletedTask;
    }

    internal override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
    {
        if (!_prompt.TakesControlC)
        {
            return base.PromptForChoice(caption, message, choices, defaultChoice);
        }

        EndStream();
        return _prompt.Choose(TerminalText.ShowLine(caption), TerminalText.Show(message), choices, defaultChoice, _stopped);
    }

    private protected override IDisposable? ReleaseKeys() => _prompt.ReleaseKeys();

    private void Begin()
    {
        HeliconeSession? session = Session is null ? null : Valid(() => SessionArgument.From(Session), Session, InvalidInput.Session);
        if (Conversation is null)
        {
            _conversation = new Conversation(System is null ? [] : [new ChatMessage("system", System)]) { Session = session ?? State.EnteredSession ?? _connection.Session };
        }
        else
        {
            _conversation = ConversationArgument.Read(this, Conversation, System, null);
            session ??= _conversation.Session ?? State.EnteredSession ?? _connection.Session;
            _conversation = _conversation.WithSession(session);
        }

        _tools = Tool.Length == 0 ? [] : [.. Valid(() => ToolSet.Of(Tool, _factory, _approval), Tool, InvalidInput.Tool).Tools];
        _model = ModelArgument.Read(this, Model, [], [], _conversation.Model ?? _connection.Route, _connection.Client.Options.DefaultModel);
    }

    private string PromptText()
    {
        string files = _attached.Count switch
        {
            0 => string.Empty,
            1 => " [1 attachment]",
            int count => $" [{count} attachments]",
        };
        return TerminalText.ShowLine(_model.ToString()) + files + "> ";
    }

    private Task AskAsync(string text, CancellationToken cancellationToken)
    {
        ChatMessage message = InputContent.Message(text, _attachments)!;
        _attachments.Clear();
        _attached.Clear();
        _unanswered = message;
        return SendAsync(_conversation, message, cancellationToken);
    }

    /// <summary>Asks, and shows the answer as it arrives. Only a whole answer becomes part of the conversation.</summary>
    /// <param name="conversation">The conversation so far.</param>
    /// <param name="message">The message; <see langword="null"/> for an answer to the results of tools.</param>
    /// <param name="cancellationToken">Ends the chat.</param>
    private async Task SendAsync(Conversation conversation, ChatMessage? message, CancellationToken cancellationToken)
    {
        ToolSet? tools = _tools.Count == 0 ? null : ToolSet.Of(_tools, _factory, _approval);
        ChatRequest request = new(message is null ? [] : [message]) { Conversation = conversation, Model = _model, Tools = tools?.Definitions ?? [] };
        RequestOptions options = new()
        {
            Tags = new RequestTags { UserId = _connection.UserId, Properties = _connection.Property },
            Ceiling = _ceiling,
            Input = message?.Content ?? conversation.FindLastTurn()?.Content,
            OnRetry = attempt => Post(() => WriteVerbose(CallReport.Retry(attempt))),
        };
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using CancellationTokenSource ended = new();
        Task watch = Task.CompletedTask;
        ToolCalls? runs = tools is null ? null : new ToolCalls(this, Post, _connection.Client, tools, _approval, new ToolLimits(), isManual: false) { Ran = ShowRun };
        ChatCalls calls = new(this, _connection.Client, runs);
        _approval.BeginMessage();
        try
        {
            if (!new SendApproval(this, _connection.Client).MaySend(request, options, isOneOfMany: false))
            {
                return;
            }

            watch = _prompt.WatchAsync(stop, ended.Token);
            await calls.ReadAsync(request, options, chunk => Show(chunk, calls), stop.Token);
            KeepRuns(calls);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            EndStream();
            _tally.AddCutOff();
            Say(KeepRuns(calls)
                ? "Stopped. The results of the tools are in the conversation. /retry asks the model to go on from them."
                : "Stopped. The message and this part of the answer aren't in the conversation. /retry sends the message again.");
        }
        catch (HeliconeException e)
        {
            if (e.PartialText is not null)
            {
                _tally.AddCutOff();
            }

            WriteError(ErrorRecords.From(e, options.Input));
            if (KeepRuns(calls))
            {
                Say("The results of the tools are in the conversation. /retry asks the model to go on from them.");
            }
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            WriteError(ErrorRecords.Invalid(InvalidInput.Body, e, options.Input));
        }
        finally
        {
            ended.Cancel();
            await watch;
            if (runs is not null)
            {
                await runs.EndAsync();
            }
        }
    }

    private void Show(ChatChunk chunk, ChatCalls calls)
    {
        _screen.Add(chunk);
        if (chunk.Completion is { } completion)
        {
            _screen.End(completion);
            _tally.Add(completion);
            if (!calls.IsCalling)
            {
                _conversation = completion.Conversation;
                _unanswered = null;
            }
        }
    }

    private void ShowRun(ToolRun run) => Say(run.Outcome switch
    {
        ToolOutcome.Ran => $"{run.Name} ran in {Cell.Elapsed(run.Duration)} and returned {Count(run.Result.Length, "character")}.",
        ToolOutcome.Failed or ToolOutcome.TimedOut => $"{run.Name} failed: {run.Error}",
        _ => $"{run.Name} didn't run: {run.Error}",
    });

    /// <summary>Makes results that no answer followed a part of the conversation: what the tools did has happened, and must not happen again because the model wasn't told.</summary>
    private bool KeepRuns(ChatCalls calls)
    {
        if (calls.LastAnswerOfTools is not { } last || !last.Conversation.EndsWithToolResults())
        {
            return false;
        }

        _conversation = last.Conversation;
        _unanswered = null;
        return true;
    }

    private Task RunAsync(string command, string argument, CancellationToken cancellationToken)
    {
        switch (command)
        {
            case "/model":
                SetModel(argument);
                break;
            case "/system":
                SetSystem(argument);
                break;
            case "/file":
                Attach(argument, static (attachments, path) => attachments.ReadFiles(path));
                break;
            case "/image":
                Attach(argument, static (attachments, path) => attachments.ReadImages(path));
                break;
            case "/tool":
                SetTools(argument);
                break;
            case "/session":
                SetSession(argument);
                break;
            case "/cost":
                ShowCost();
                break;
            case "/undo":
                Undo();
                break;
            case "/retry":
                return RetryAsync(cancellationToken);
            case "/save":
                Save(argument);
                break;
            case "/load":
                Load(argument);
                break;
            case "/clear":
                Clear();
                break;
            case "/help":
                Help();
                break;
            default:
                Refuse(InvalidInput.Option, new FormatException($"'{command}' isn't a command. /help lists the commands. To send a message that begins with a slash, put a space before it."), command);
                break;
        }

        return Task.CompletedTask;
    }

    private void SetModel(string argument)
    {
        if (argument.Length == 0)
        {
            Say($"The model is {_model}.");
        }
        else if (TryRead(() => ModelRoute.Parse(argument), argument, InvalidInput.Route, out ModelRoute? model))
        {
            _model = model;
        }
    }

    private void SetSystem(string argument)
    {
        if (argument.Length > 0)
        {
            bool isOff = argument.Equals(ChatLine.Off, StringComparison.OrdinalIgnoreCase);
            _conversation = _conversation.WithSystem(isOff ? null : argument);
            Say(isOff ? "The system prompt is removed." : "The system prompt is set.");
            return;
        }

        ChatMessage? system = _conversation.Messages.FirstOrDefault(static message => message.Role == "system");
        Say(system is null ? "There is no system prompt." : $"The system prompt is: {system.Content}");
    }

    private void Attach(string argument, Func<Attachments, string, IReadOnlyList<ContentPart>> read)
    {
        if (argument.Length > 0)
        {
            try
            {
                IReadOnlyList<ContentPart> parts = read(new Attachments(this), argument.Trim('\'', '"'));
                if (parts.Count == 0)
                {
                    throw new FormatException($"No file matches '{argument}'.");
                }

                _attachments.AddRange(parts);
                _attached.Add(parts.Count == 1 ? argument : $"{argument} ({parts.Count} files)");
            }
            catch (Exception e) when (Attachments.IsRefusal(e))
            {
                Refuse(InvalidInput.File, e, argument);
                return;
            }
        }

        Say(_attached.Count == 0 ? "Nothing is attached to the next message." : "Attached to the next message: " + string.Join(", ", _attached));
    }

    private void SetTools(string argument)
    {
        string[] words = argument.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length > 0 && words[0].Equals(ChatLine.Off, StringComparison.OrdinalIgnoreCase))
        {
            foreach (string name in words.Skip(1))
            {
                if (_tools.RemoveAll(tool => IsNamed(tool, name)) == 0)
                {
                    Refuse(InvalidInput.Tool, new FormatException($"The model has no tool '{name}'."), name);
                }
            }

            if (words.Length == 1)
            {
                _tools.Clear();
            }
        }

        foreach (string name in words.TakeWhile(static (word, i) => i > 0 || !word.Equals(ChatLine.Off, StringComparison.OrdinalIgnoreCase)))
        {
            if (TryRead(() => ToolSet.Of([.. _tools, name], _factory, _approval), name, InvalidInput.Tool, out ToolSet? tools))
            {
                _tools = [.. tools.Tools];
            }
        }

        if (_tools.Count == 0)
        {
            Say("The model has no tools.");
        }

        foreach (HeliconeTool tool in _tools)
        {
            Say($"{tool.Name}: {tool.Impact.Text}");
        }
    }

    private static bool IsNamed(HeliconeTool tool, string name) =>
        tool.Name.Equals(name, StringComparison.OrdinalIgnoreCase) || name.Equals(tool.Command, StringComparison.OrdinalIgnoreCase);

    private void SetSession(string argument)
    {
        if (argument.Equals(ChatLine.Off, StringComparison.OrdinalIgnoreCase))
        {
            _conversation = _conversation.WithSession(null);
        }
        else if (argument.Length > 0)
        {
            HeliconeSession? entered = State.Sessions.FirstOrDefault(session => session.Id == argument);
            if (!TryRead(() => entered ?? new HeliconeSession(null, argument), argument, InvalidInput.Session, out HeliconeSession? session))
            {
                return;
            }

            _conversation = _conversation.WithSession(session);
        }

        Say(_conversation.Session is { } current ? $"Calls belong to the session {current.Name ?? current.Id} ({current.Id})." : "Calls belong to no session.");
    }

    private void ShowCost()
    {
        Say($"This chat: {_tally}.");
        Say($"The conversation: {Describe(_conversation)}, {Cell.Money(_conversation.Cost)}.");
        if (_ceiling is not null)
        {
            Say($"The ceiling of this chat: {_ceiling}.");
        }

        if (_connection.Client.Options.Ceiling is { } general)
        {
            Say($"The ceiling of the connection: {general}.");
        }
    }

    private void Undo()
    {
        if (_unanswered is not null)
        {
            _unanswered = null;
            Say("The message without an answer is removed.");
            return;
        }

        Conversation before = _conversation.WithoutLastTurn();
        Say(ReferenceEquals(before, _conversation) ? "There is nothing to undo." : $"The last message and its answer are removed. The conversation has {Describe(before)}.");
        _conversation = before;
    }

    private Task RetryAsync(CancellationToken cancellationToken)
    {
        if (_unanswered is not null)
        {
            return SendAsync(_conversation, _unanswered, cancellationToken);
        }

        if (_conversation.EndsWithToolResults())
        {
            return SendAsync(_conversation, message: null, cancellationToken);
        }

        if (_conversation.FindLastTurn() is { } message)
        {
            // Until there is another answer, the conversation keeps the one that it has.
            return SendAsync(_conversation.WithoutLastTurn(), message, cancellationToken);
        }

        Say("There is no message to send again.");
        return Task.CompletedTask;
    }

    private void Save(string argument)
    {
        try
        {
            string path = GetUnresolvedProviderPathFromPSPath(Path(argument, "/save"));
            if (path != _file && File.Exists(path) && !MayReplace(path))
            {
                return;
            }

            if (ShouldProcess(path, "Export conversation"))
            {
                SavedConversation.Save(_conversation, path, noClobber: false);
                _file = path;
                Say($"Saved {Describe(_conversation)} to {path}");
            }
        }
        catch (Exception e) when (Attachments.IsRefusal(e))
        {
            Refuse(InvalidInput.File, e, argument);
        }
    }

    private bool MayReplace(string path) => PromptForChoice(
        "Save the conversation",
        $"'{path}' exists. Replace it with this conversation?",
        [new ChoiceDescription("&Yes", "Replace the file."), new ChoiceDescription("&No", "Keep the file. The conversation isn't saved.")],
        defaultChoice: 1) == 0;

    private void Load(string argument)
    {
        try
        {
            string path = GetUnresolvedProviderPathFromPSPath(Path(argument, "/load"));
            Conversation loaded = SavedConversation.Load(path);
            _conversation = loaded.Session is null ? loaded.WithSession(_conversation.Session) : loaded;
            _model = loaded.Model ?? _model;
            _unanswered = null;
            _file = path;
            Say($"Loaded {Describe(loaded)}. The model is {_model}.");
        }
        catch (Exception e) when (Attachments.IsRefusal(e))
        {
            Refuse(InvalidInput.File, e, argument);
        }
    }

    private static string Path(string argument, string command) =>
        argument.Trim('\'', '"') is { Length: > 0 } path ? path : throw new FormatException($"{command} needs a path, such as {command} ./chat.jsonl.");

    private void Clear()
    {
        _conversation = new Conversation(_conversation.Messages.Where(static message => message.Role == "system")) { Session = _conversation.Session };
        _unanswered = null;
        _file = null;
        Say("This is a new conversation.");
    }

    private void Help()
    {
        int width = ChatLine.Commands.Max(static command => command.Name.Length + command.Argument.Length) + 3;
        foreach (ChatCommand command in ChatLine.Commands)
        {
            Say((command.Name + " " + command.Argument).PadRight(width) + command.Description, width);
        }

        Say(_prompt.TakesControlC
            ? "Alt+Enter, or a backslash at the end of a line, starts another line. Tab completes. Ctrl+C ends an answer."
            : "A backslash at the end of a line starts another line.");
    }

    private static string Describe(Conversation conversation) =>
        $"{Count(conversation.Messages.Count, "message")}, {Count(conversation.TurnCount, "turn")}, {Count(conversation.TotalTokens, "token")}";

    private static string Count(long number, string what) => string.Format(CultureInfo.InvariantCulture, "{0:N0} {1}{2}", number, what, number == 1 ? string.Empty : "s");

    private void Refuse(InvalidInput input, Exception error, string target) => WriteError(ErrorRecords.Invalid(input, error, target));

    private void Say(string text, int indent = 0)
    {
        WordWrap? wrap = WordWrap.For(Host);
        wrap?.Indent(new string(' ', indent), indent);
        string shown = TerminalText.Show(text);
        WriteHost(wrap is null ? shown : wrap.Add(shown) + wrap.End(), endLine: true);
    }
}
