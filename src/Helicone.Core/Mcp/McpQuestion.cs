using System.Collections.Generic;

namespace Helicone.Mcp;

/// <summary>A question of a server to the user (elicitation).</summary>
public sealed class McpQuestion
{
    internal McpQuestion(string server, string message, string? url, IReadOnlyList<McpQuestionField> fields) => (Server, Message, Url, Fields) = (server, message, url, fields);

    /// <summary>The name of the server.</summary>
    public string Server { get; }

    /// <summary>The message for the user.</summary>
    public string Message { get; }

    /// <summary>The page that the server asks the user to open; <see langword="null"/> for a form.</summary>
    public string? Url { get; }

    /// <summary>The fields of the form.</summary>
    public IReadOnlyList<McpQuestionField> Fields { get; }
}
