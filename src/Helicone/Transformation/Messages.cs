using System;
using System.Collections;
using Helicone.Chat;

namespace Helicone.Transformation;

/// <summary>A message as people pass it: what a cmdlet gave, a hashtable in OpenAI's shape, or text, which is the user's.</summary>
internal static class Messages
{
    /// <exception cref="FormatException">It is none of these, or lacks a role or content.</exception>
    public static ChatMessage From(object? value, string path) => PlainValue.Unwrap(value) switch
    {
        ChatMessage message => message,
        ChatCompletion completion => new ChatMessage(completion.Role, completion.Content),
        string text => new ChatMessage("user", text),
        IDictionary fields => ChatMessage.FromDictionary(PlainValue.From(fields, path)),
        System.Management.Automation.PSObject custom => ChatMessage.FromDictionary((IDictionary)PlainValue.From(custom, path)!),
        null => throw new FormatException($"'{path}' is null."),
        object other => throw new FormatException($"'{path}' is a {other.GetType().Name}, which is not a message."),
    };
}
