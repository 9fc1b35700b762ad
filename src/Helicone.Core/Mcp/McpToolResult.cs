using System.Collections.Generic;
using System.Linq;
using Helicone.Chat;

namespace Helicone.Mcp;

/// <summary>The result of a tool of an MCP server.</summary>
public sealed class McpToolResult
{
    internal McpToolResult(IReadOnlyList<ContentPart> content, bool isError, string? structuredContent, string json) =>
        (Content, IsError, StructuredContent, Json) = (content, isError, structuredContent, json);

    /// <summary>The content: text, images, audio, and files.</summary>
    public IReadOnlyList<ContentPart> Content { get; }

    /// <summary>Indicates whether the tool reports a failure. The content describes it.</summary>
    public bool IsError { get; }

    /// <summary>The structured result as JSON; <see langword="null"/> without one.</summary>
    public string? StructuredContent { get; }

    /// <summary>The result as JSON, exactly as the server sent it.</summary>
    public string Json { get; }

    /// <summary>The text of the content.</summary>
    public string Text => string.Join("\n", Content.Where(static part => part.Text is not null).Select(static part => part.Text));

    /// <summary>The text, or the structured result.</summary>
    public override string ToString() => Text is { Length: > 0 } text ? text : StructuredContent ?? string.Join(" ", Content);
}
