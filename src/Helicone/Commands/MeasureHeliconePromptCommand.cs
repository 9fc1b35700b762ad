using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Chat;
using Helicone.Completion;
using Helicone.Connections;
using Helicone.Conversations;
using Helicone.Errors;
using Helicone.Runtime;
using Helicone.Spending;
using Helicone.Transformation;

namespace Helicone.Commands;

/// <summary>Counts the tokens of a prompt and computes what a call can cost at most, for each model that may answer. Nothing is sent to a model.</summary>
[Cmdlet(VerbsDiagnostic.Measure, "HeliconePrompt")]
[OutputType(typeof(CostEstimate))]
public sealed class MeasureHeliconePromptCommand : ConnectedCommand
{
    private readonly List<object?> _input = [];

    /// <summary>The prompt. With input from the pipeline, the question about it.</summary>
    [Parameter(Position = 0)]
    [AllowEmptyString]
    public string? Prompt { get; set; }

    /// <summary>What the prompt is about: text, files, and other objects, measured together.</summary>
    [Parameter(ValueFromPipeline = true)]
    [AllowNull]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public object? InputObject { get; set; }

    /// <summary>The system prompt.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? System { get; set; }

    /// <summary>The conversation so far: hashtables, answers, or text.</summary>
    [Parameter]
    [ValidateNotNull]
    public object[] Message { get; set; } = [];

    /// <summary>The conversation to continue: an answer, or a conversation.</summary>
    [Parameter]
    [ValidateNotNull]
    public object? Conversation { get; set; }

    /// <summary>Images for the prompt.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public object[] Image { get; set; } = [];

    /// <summary>Files for the prompt.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public object[] File { get; set; } = [];

    /// <summary>The models to compare, or a chain of models.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ModelCompleter))]
    public string[]? Model { get; set; }

    /// <summary>The maximum number of response tokens. The model's maximum when left out.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? MaxTokens { get; set; }

    private protected override object? Target => Prompt;

    private protected override Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        if (MyInvocation.ExpectingInput || MyInvocation.BoundParameters.ContainsKey(nameof(InputObject)))
        {
            _input.Add(PlainValue.Unwrap(InputObject));
        }

        return Task.CompletedTask;
    }

    private protected override async Task EndProcessingAsync(CancellationToken cancellationToken)
    {
        HeliconeConnection connection = Connect(keyNeeded: false);
        List<ContentPart> attachments = new Attachments(this).Read(Image, File);
        Conversation? conversation = Conversation is null ? null : ConversationArgument.Read(this, Conversation, System, maxTokens: null);
        List<ChatMessage> messages = System is not null && conversation is null ? [new ChatMessage("system", System)] : [];
        messages.AddRange(Message.Select((message, i) => Valid(() => Messages.From(message, $"Message[{i}]"), message, InvalidInput.Message)));
        if (_input.Count > 0)
        {
            if (new InputReader(this, prompt: null).Read(_input, Prompt) is not { } content)
            {
                return;
            }

            attachments.InsertRange(0, content);
        }

        if (InputContent.Message(Prompt, attachments) is { } asked)
        {
            messages.Add(asked);
        }

        ChatRequest request = new(messages)
        {
            Conversation = conversation,
            Model = ModelArgument.Read(this, Model, [], [], conversation?.Model ?? connection.Route, connection.Client.Options.DefaultModel),
            MaxTokens = MaxTokens,
        };
        foreach (CostEstimate estimate in await connection.Client.Chat.EstimateAsync(request, null, cancellationToken).OnPipeline())
        {
            WriteObject(estimate);
        }
    }
}
