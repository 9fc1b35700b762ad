using System.Collections.Generic;
using System.Text.Json;

namespace Helicone.Chat;

/// <summary>What one JSON document of a chat said: a whole answer, or an event of a stream.</summary>
internal sealed class ChatEvent
{
    private List<ChatChoice>? _more;

    internal string? Model { get; set; }

    internal ChatUsage? Usage { get; set; }

    /// <summary>The usage as it came, fields that this client does not know included.</summary>
    internal byte[]? UsageJson { get; set; }

    /// <summary>Fields beside the choices that this client does not know.</summary>
    internal List<KeyValuePair<string, JsonElement>>? Extra { get; set; }

    internal bool HasError { get; set; }

    internal bool HasChoices { get; set; }

    /// <summary>The first choice. Almost always the only one, so that no list is made for it.</summary>
    internal ChatChoice? Choice { get; private set; }

    /// <summary>The choices after the first.</summary>
    internal IReadOnlyList<ChatChoice> MoreChoices => (IReadOnlyList<ChatChoice>?)_more ?? [];

    internal void Add(ChatChoice choice)
    {
        if (Choice is null)
        {
            Choice = choice;
        }
        else
        {
            (_more ??= []).Add(choice);
        }
    }
}

/// <summary>One choice of it.</summary>
internal sealed class ChatChoice
{
    /// <summary>What some gateways say of an answer that a provider's error has cut.</summary>
    internal const string FinishedByError = "error";

    internal int Index { get; set; }

    internal bool HasMessage { get; set; }

    internal string? Role { get; set; }

    internal string? Text { get; set; }

    internal string? Reasoning { get; set; }

    internal string? Refusal { get; set; }

    internal string? FinishReason { get; set; }

    internal ToolCall[]? ToolCalls { get; set; }

    internal List<KeyValuePair<string, JsonElement>>? Extra { get; set; }
}
