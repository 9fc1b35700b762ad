using System;

namespace Helicone.Mcp;

/// <summary>A failed operation of an MCP server.</summary>
/// <remarks>Messages quote servers and are shown on terminals, so control characters in them are shown as symbols.</remarks>
public sealed class McpException : Exception
{
    /// <summary>Creates an exception of a kind.</summary>
    public McpException(McpErrorKind kind, string message, Exception? innerException = null)
        : base(TerminalText.Show(message), innerException) => Kind = kind;

    /// <summary>The cause.</summary>
    public McpErrorKind Kind { get; }

    /// <summary>The name of the server.</summary>
    public string? Server { get; init; }

    /// <summary>The last lines that the server's process wrote to its standard error.</summary>
    public string? StandardError { get; init; }

    /// <summary>The exit code of the server's process.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Indicates that the server has forgotten the session, so that it certainly did nothing with the request.</summary>
    internal bool IsExpired { get; init; }

    /// <summary>The JSON-RPC error code that the server reported.</summary>
    public int? Code { get; init; }
}
