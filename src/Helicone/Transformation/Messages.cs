using System;
using System.Collections;
using System.Linq;
using System.Management.Automation;
using Helicone.Chat;
using Helicone.Conversations;

namespace Helicone.Transformation;

/// <summary>A message as people pass it: what a cmdlet gave, a hashtable in OpenAI's shape, or text, which is the user's.</summary>
internal static class Messages
{
    /// <exception cref="FormatException">It isn't one of these, or has no role or content.</exception>
    public static ChatMessage From(object? value, string path) => PlainValue.Unwrap(value) switch
    {
        ChatMessage message => message,
        ChatCompletion completion => completion.Message,
        ChatChunk { Completion: { } completion } => completion.Message,
        string text => new ChatMessage("user", text),
        IDictionary fields => ChatMessage.FromDictionary(PlainValue.From(fields, path)),
        PSObject custom => FromProperties(custom, path),
        null => throw new FormatException($"'{path}' is null."),
        object other => throw new FormatException($"'{path}' is a {other.GetType().Name}, which is not a message."),
    };

    /// <summary>A conversation as people pass it: the conversation, an answer or the last chunk of one, or messages.</summary>
    /// <exception cref="FormatException">It isn't one of these.</exception>
    public static Conversation Conversation(object value) => PlainValue.Unwrap(value) switch
    {
        Conversation conversation => conversation,
        ChatCompletion completion => completion.Conversation,
        ChatChunk { Completion: { } completion } => completion.Conversation,
        object[] { Length: > 0 } several when several.All(static item => PlainValue.Unwrap(item) is ChatChunk) =>
            (PlainValue.Unwrap(several[several.Length - 1]) as ChatChunk)?.Completion?.Conversation
                ?? throw new FormatException("The stream ended early and has no last chunk with the whole answer, so the conversation can't be continued from it."),
        ChatChunk => throw new FormatException("Only the last chunk of a stream has the answer. Pass that one: $chunks[-1]."),
        PSObject copy when CopyOf(copy) is { } conversation => conversation,
        IEnumerable messages and not (string or IDictionary) => new Conversation(messages.Cast<object?>().Select(static (message, i) => From(message, $"Conversation[{i}]"))),
        ChatMessage or IDictionary or PSObject => new Conversation([From(value, "Conversation")]),
        object other => throw new FormatException($"'{other}' ({other.GetType().Name}) is not a conversation. Pass an answer, or a conversation of New-HeliconeConversation."),
        null => throw new FormatException("The conversation is null."),
    };

    // What comes out of Import-Clixml, a job, or another machine has the properties of the original. A message carries its JSON.
    private static ChatMessage FromProperties(PSObject copy, string path)
    {
        if (copy.Properties["Json"]?.Value is string json)
        {
            return ChatMessage.FromJson(json);
        }

        if (!copy.TypeNames.Contains("Deserialized." + typeof(ChatCompletion).FullName))
        {
            return ChatMessage.FromDictionary((IDictionary)PlainValue.From(copy, path)!);
        }

        return copy.Properties["Message"]?.Value is PSObject message && message.Properties["Json"]?.Value is string answered
            ? ChatMessage.FromJson(answered)
            : new ChatMessage(copy.Properties["Role"]?.Value?.ToString() ?? "assistant", copy.Properties["Content"]?.Value?.ToString());
    }

    private static Conversation? CopyOf(PSObject copy)
    {
        PSObject source = copy.Properties["Conversation"]?.Value as PSObject ?? copy;
        return PlainValue.Unwrap(source.Properties["Messages"]?.Value) is IEnumerable messages and not string
            ? new Conversation(messages.Cast<object?>().Select(static (message, i) => From(message, $"Conversation[{i}]")))
            : null;
    }
}
