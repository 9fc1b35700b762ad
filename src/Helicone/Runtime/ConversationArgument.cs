using System.Globalization;
using Helicone.Commands;
using Helicone.Conversations;
using Helicone.Errors;
using Helicone.Transformation;

namespace Helicone.Runtime;

/// <summary>The value of -Conversation: the conversation that a call continues.</summary>
internal static class ConversationArgument
{
    /// <summary>The conversation, with the system prompt of the call and without the turns that are too many.</summary>
    public static Conversation Read(HeliconeCommand cmdlet, object value, string? system, long? maxTokens)
    {
        Conversation conversation = cmdlet.Valid(() => Messages.Conversation(value), value, InvalidInput.Message);
        conversation = system is null ? conversation : conversation.WithSystem(system);
        if (maxTokens is not { } max)
        {
            return conversation;
        }

        Conversation trimmed = conversation.Trim(max);
        int dropped = conversation.TurnCount - trimmed.TurnCount;
        if (dropped > 0)
        {
            cmdlet.WriteWarning(string.Format(CultureInfo.CurrentCulture, "{0} of {1} turns of the conversation were left out to stay within {2:N0} tokens.", dropped, conversation.TurnCount, max));
        }

        return trimmed;
    }
}
