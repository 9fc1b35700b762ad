namespace Helicone.Tools;

/// <summary>The reason why a tool call was allowed.</summary>
public enum ToolPermission
{
    /// <summary>The call was not allowed.</summary>
    None,

    /// <summary>The command only reads: a verb such as Get, and no support for <c>-WhatIf</c> and <c>-Confirm</c>.</summary>
    ReadOnly,

    /// <summary>The impact of the command is below <c>$ConfirmPreference</c>.</summary>
    Preference,

    /// <summary><c>-AllowTool</c> names the tool.</summary>
    AllowTool,

    /// <summary>The user approved the call.</summary>
    User,

    /// <summary>The user approved all calls of the tool.</summary>
    UserForAll,
}
