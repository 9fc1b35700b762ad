using System.Collections.Generic;
using System.Text.Json;

namespace Helicone.Chat;

/// <summary>One JSON document of a chat: a whole answer, or an event of a stream.</summary>
internal sealed class ChatEvent
{
    private List<ChatDelta>? _more;

    internal string? Model { get; set; }

    internal ChatUsage? Usage { get; set; }

    /// <summary>The usage as it was sent, including unknown fields.</summary>
    internal byte[]? UsageJson { get; set; }

    /// <summary>Fields next to the choices that this client does not read.</summary>
    internal List<KeyValuePair<string, JsonElement>>? Extra { get; set; }

    internal bool HasError { get; set; }

    internal bool HasChoices { get; set; }

    /// <summary>The first choice. Almost always the only one, so that no list is made for it.</summary>
    internal ChatDelta? Choice { get; private set; }

    /// <summary>The choices after the first.</summary>
    internal IReadOnlyList<ChatDelta> MoreChoices => (IReadOnlyList<ChatDelta>?)_more ?? [];

    internal void Add(ChatDelta choice)
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
