namespace Helicone.Mcp;

/// <summary>The causes of an <see cref="McpException"/>. The names are stable: error ids are made of them.</summary>
public enum McpErrorKind
{
    /// <summary>The command of a server can't be started.</summary>
    StartFailed,

    /// <summary>The process of a server ended.</summary>
    Exited,

    /// <summary>A server on the network can't be reached, or closed the connection.</summary>
    Unreachable,

    /// <summary>The server requires a valid token.</summary>
    Unauthorized,

    /// <summary>The server didn't respond in time.</summary>
    TimedOut,

    /// <summary>The server reported an error.</summary>
    ServerError,

    /// <summary>The server sent something that isn't a valid response.</summary>
    InvalidResponse,

    /// <summary>The server sent more than is accepted.</summary>
    TooLarge,

    /// <summary>The server no longer has the tool, or the session was closed.</summary>
    Gone,

    /// <summary>A request of the server was refused.</summary>
    Refused,
}
