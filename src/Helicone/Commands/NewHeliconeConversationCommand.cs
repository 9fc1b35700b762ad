using System.Collections.Generic;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Chat;
using Helicone.Completion;
using Helicone.Conversations;
using Helicone.Errors;
using Helicone.Transformation;

namespace Helicone.Commands;

/// <summary>Creates a conversation for -Conversation of Invoke-HeliconeChat. Nothing is sent.</summary>
[Cmdlet(VerbsCommon.New, "HeliconeConversation")]
[OutputType(typeof(Conversation))]
public sealed class NewHeliconeConversationCommand : HeliconeCommand
{
    /// <summary>The system prompt.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? System { get; set; }

    /// <summary>The messages so far: hashtables such as <c>@{ role = 'user'; content = 'Hello' }</c>, answers, or text.</summary>
    [Parameter]
    [ValidateNotNull]
    public object[] Message { get; set; } = [];

    /// <summary>The model, or a chain of models, for every turn.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ModelCompleter))]
    public string[]? Model { get; set; }

    /// <summary>The session of every turn. Each turn has a separate path in it.</summary>
    [Parameter]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(SessionCompleter))]
    public object? Session { get; set; }

    private protected override Task EndProcessingAsync(CancellationToken cancellationToken)
    {
        List<ChatMessage> messages = [];
        if (System is not null)
        {
            messages.Add(new ChatMessage("system", System));
        }

        for (int i = 0; i < Message.Length; i++)
        {
            object message = Message[i];
            messages.Add(Valid(() => Messages.From(message, $"Message[{i}]"), message, InvalidInput.Message));
        }

        WriteObject(new Conversation(messages)
        {
            Model = Model is null ? null : Valid(() => ModelRoute.Parse(string.Join(",", Model)), string.Join(",", Model), InvalidInput.Route),
            Session = Session is null ? null : Valid(() => SessionArgument.From(Session), Session, InvalidInput.Session),
        });
        return Task.CompletedTask;
    }
}
