using System;
using System.Collections.Generic;
using Helicone.Chat;

namespace Helicone.Tools;

/// <summary>One tool call of a model and its result.</summary>
public sealed record ToolRun
{
    /// <summary>The name of the tool, as the model wrote it.</summary>
    public string Name { get; init; } = string.Empty;

    /// <summary>The command that the tool runs; <see langword="null"/> for an unknown tool.</summary>
    public string? Command { get; init; }

    /// <summary>The arguments as JSON text, as the model wrote them.</summary>
    public string Arguments { get; init; } = string.Empty;

    /// <summary>The result as JSON text, as the model receives it.</summary>
    public string Result { get; init; } = string.Empty;

    /// <summary>Images, audio, and files of the result. They are sent in a message after the results, since results are text.</summary>
    public IReadOnlyList<ContentPart> Attachments { get; init; } = [];

    /// <summary>The error that ended the command, or the reason why it didn't run.</summary>
    public string? Error { get; init; }

    /// <summary>The outcome.</summary>
    public ToolOutcome Outcome { get; init; }

    /// <summary>The reason why the call was allowed.</summary>
    public ToolPermission AllowedBy { get; init; }

    /// <summary>The round of the call, starting with 1. Each answer that calls tools is a round.</summary>
    public int Round { get; init; }

    /// <summary>The time when the call started.</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>The duration, including the time that the user took to approve the call.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>The id of the call.</summary>
    public string CallId { get; init; } = string.Empty;

    /// <summary>The answers of models that the MCP server of the tool asked for during the call (sampling). Their cost is a part of <see cref="ChatCompletion.TotalCost"/>.</summary>
    public IReadOnlyList<ChatCompletion> Completions { get; init; } = [];

    /// <summary>The message that returns the result to the model.</summary>
    public ChatMessage ToMessage() => ChatMessage.ToolResult(CallId, Result);

    /// <summary>The call and its outcome.</summary>
    public override string ToString() => $"{Name}: {Outcome}";
}
