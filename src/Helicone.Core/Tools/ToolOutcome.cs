namespace Helicone.Tools;

/// <summary>The outcome of a tool call.</summary>
public enum ToolOutcome
{
    /// <summary>The command ran. Errors that didn't end it are in the result.</summary>
    Ran,

    /// <summary>The command ran and ended with an error.</summary>
    Failed,

    /// <summary>The command was stopped when its time was up.</summary>
    TimedOut,

    /// <summary>The user, or <c>-DenyTool</c>, denied the call. Nothing ran.</summary>
    Denied,

    /// <summary>The call can't be made: an unknown tool, invalid arguments, or no one to ask for approval. Nothing ran.</summary>
    Refused,

    /// <summary>The caller used <c>-WhatIf</c>. Nothing ran.</summary>
    WhatIf,
}
