namespace Helicone.Mcp;

/// <summary>The limits on what a server may send. Servers are programs of strangers.</summary>
internal static class McpLimits
{
    /// <summary>The maximum size of one message, in bytes.</summary>
    internal const int MessageBytes = 32 * 1024 * 1024;

    /// <summary>The maximum number of lines on standard output that aren't messages. Some servers write a banner.</summary>
    internal const int StrayLines = 200;

    /// <summary>The maximum number of tools, resources, or prompts in a list.</summary>
    internal const int ListItems = 2_000;

    /// <summary>The maximum number of pages of a list.</summary>
    internal const int ListPages = 200;

    /// <summary>The maximum length of the JSON Schema of a tool, in characters.</summary>
    internal const int SchemaLength = 65_536;

    /// <summary>The maximum nesting of the JSON Schema of a tool.</summary>
    internal const int SchemaDepth = 32;

    /// <summary>The maximum length of a description, in characters. The rest is cut.</summary>
    internal const int DescriptionLength = 8_192;

    /// <summary>The maximum number of sampling requests and questions that a server may send during one call.</summary>
    internal const int RequestsPerCall = 10;
}
