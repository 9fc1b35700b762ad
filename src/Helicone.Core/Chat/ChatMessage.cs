using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using Helicone.Serialization;

namespace Helicone.Chat;

/// <summary>One message of a conversation, in OpenAI's shape.</summary>
public sealed record ChatMessage
{
    private static readonly string[] s_roles = ["system", "developer", "user", "assistant", "tool", "function"];

    /// <summary>Creates a message.</summary>
    /// <param name="role"><c>system</c>, <c>developer</c>, <c>user</c>, <c>assistant</c>, <c>tool</c> or <c>function</c>.</param>
    /// <param name="content">Its text.</param>
    /// <exception cref="FormatException">The role is not one of these.</exception>
    public ChatMessage(string role, string? content = null)
    {
        Role = Array.Find(s_roles, r => string.Equals(r, role, StringComparison.OrdinalIgnoreCase))
            ?? throw new FormatException($"'{role}' is not the role of a message: {string.Join(", ", s_roles)}.");
        Content = content;
    }

    /// <summary>Who speaks.</summary>
    public string Role { get; }

    /// <summary>The text; <see langword="null"/> where <see cref="Fields"/> holds the content as parts.</summary>
    public string? Content { get; init; }

    /// <summary>Every other field by its wire name (<c>content</c> as parts, <c>tool_calls</c>, <c>tool_call_id</c>, <c>name</c>, <c>cache_control</c> …): plain values, lists and dictionaries.</summary>
    public IReadOnlyDictionary<string, object?> Fields { get; init; } = new Dictionary<string, object?>();

    /// <summary>Makes a message of a dictionary with a <c>role</c> and any other field of OpenAI's message.</summary>
    /// <exception cref="FormatException">There is no role, or neither content nor anything else to say.</exception>
    public static ChatMessage FromDictionary(IDictionary fields)
    {
        string? role = null;
        string? content = null;
        Dictionary<string, object?> others = [];
        foreach (KeyValuePair<string, object?> entry in DictionaryOrder.Fields(fields))
        {
            string name = entry.Key;
            if (name.Equals("role", StringComparison.OrdinalIgnoreCase))
            {
                role = entry.Value?.ToString();
            }
            else if (name.Equals("content", StringComparison.OrdinalIgnoreCase) && entry.Value is null or string)
            {
                content = (string?)entry.Value;
            }
            else
            {
                // OpenAI's names are lower case; a hashtable's keys are whatever was typed.
                others[name.ToLowerInvariant()] = entry.Value;
            }
        }

        if (role is null)
        {
            throw new FormatException("A message has no role. It looks like @{ role = 'user'; content = 'Hello' }.");
        }

        if (content is null && others.Count == 0)
        {
            throw new FormatException($"A message of the role '{role}' has no content. It looks like @{{ role = 'user'; content = 'Hello' }}.");
        }

        return new ChatMessage(role, content) { Fields = others };
    }

    /// <summary>Role and text.</summary>
    public override string ToString() => $"{Role}: {Content ?? string.Join(", ", Fields.Keys.OrderBy(k => k, StringComparer.Ordinal))}";
}
