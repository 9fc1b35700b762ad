using System;
using System.Collections;
using System.Collections.Generic;
using System.Management.Automation;
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
        PSObject copy when IsCopyOf(copy, typeof(ChatCompletion)) => new ChatMessage(copy.Properties["Role"]?.Value?.ToString() ?? "assistant", copy.Properties["Content"]?.Value?.ToString()),
        PSObject copy when IsCopyOf(copy, typeof(ChatMessage)) => Copied(copy, path),
        PSObject custom => ChatMessage.FromDictionary((IDictionary)PlainValue.From(custom, path)!),
        null => throw new FormatException($"'{path}' is null."),
        object other => throw new FormatException($"'{path}' is a {other.GetType().Name}, which is not a message."),
    };

    // What comes out of Import-Clixml, a job, or another machine: the properties of the original, and its name.
    private static bool IsCopyOf(PSObject value, Type type) => value.TypeNames.Contains("Deserialized." + type.FullName);

    private static ChatMessage Copied(PSObject copy, string path) =>
        new(copy.Properties["Role"]?.Value?.ToString() ?? string.Empty, copy.Properties["Content"]?.Value?.ToString())
        {
            Fields = PlainValue.Unwrap(copy.Properties["Fields"]?.Value) is IDictionary fields ? PlainValue.From(fields, path + ".Fields") : new Dictionary<string, object?>(),
        };
}
