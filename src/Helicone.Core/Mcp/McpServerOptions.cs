using System;
using System.Collections.Generic;
using System.Security;

namespace Helicone.Mcp;

/// <summary>The options for starting or reaching an MCP server. Specify either <see cref="Command"/> or <see cref="Uri"/>.</summary>
public sealed record McpServerOptions
{
    /// <summary>The name of the server. Names of its tools begin with it.</summary>
    public string Name { get; init; } = "server";

    /// <summary>The program to start. It is started directly, without a shell.</summary>
    public string? Command { get; init; }

    /// <summary>The arguments of the program.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>The working directory of the program.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Additional environment variables of the program. It inherits only those that programs need to run, such as PATH and HOME, and no keys.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>The address of a server on the network.</summary>
    public Uri? Uri { get; init; }

    /// <summary>Additional headers of each request.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>The token to send as <c>Authorization: Bearer</c>.</summary>
    public SecureString? Token { get; init; }

    /// <summary>Folders that are sent to the server as roots.</summary>
    public IReadOnlyList<string> Roots { get; init; } = [];

    /// <summary>Indicates whether the server may send sampling requests.</summary>
    public bool AllowSampling { get; init; }

    /// <summary>Indicates whether the server may ask the user questions.</summary>
    public bool AllowElicitation { get; init; } = true;

    /// <summary>The time limit for starting the server and agreeing on a protocol version.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The time limit of each request.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Values that must never be shown, such as passwords that a configuration asked for.</summary>
    public IReadOnlyList<string> Secrets { get; init; } = [];

    /// <summary>The name, and how the server is reached; no values of variables or headers.</summary>
    public override string ToString() => $"{Name} ({(Uri is null ? Command : McpSecrets.Shown(Uri))})";
}
