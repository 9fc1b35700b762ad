using System.Collections.Generic;

namespace Helicone.LocalGateway.Page;

/// <summary>One turn of a conversation, whichever protocol it was in.</summary>
internal sealed record Message(string Role)
{
    /// <summary>Texts, and placeholders for anything that isn't text.</summary>
    public List<string> Texts { get; } = [];

    public List<string> Reasoning { get; } = [];

    /// <summary>What it wants to be called, and with what.</summary>
    public List<(string Name, string Arguments)> ToolCalls { get; } = [];

    /// <summary>The name behind the role, or the tool call that it answers.</summary>
    public string? Note { get; set; }

    public string? FinishReason { get; set; }

    public bool IsError { get; init; }
}
