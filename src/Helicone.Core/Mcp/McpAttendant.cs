using System;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Chat;

namespace Helicone.Mcp;

/// <summary>The caller that attends to a server while a call runs: shows its messages and answers its requests. The delegates are called on any thread.</summary>
public sealed class McpAttendant
{
    /// <summary>Receives log messages.</summary>
    public Action<string>? OnLog { get; init; }

    /// <summary>Receives warnings, such as a restart.</summary>
    public Action<string>? OnWarning { get; init; }

    /// <summary>Receives progress.</summary>
    public Action<McpProgress>? OnProgress { get; init; }

    /// <summary>Answers a sampling request; returns <see langword="null"/> to refuse it. Without it, sampling requests are refused.</summary>
    public Func<McpSamplingRequest, CancellationToken, Task<ChatCompletion?>>? Sample { get; init; }

    /// <summary>Asks the user; returns <see langword="null"/> when the user declines. Without it, questions are declined.</summary>
    public Func<McpQuestion, CancellationToken, Task<McpAnswer?>>? Ask { get; init; }
}
