using System;
using System.Linq;
using System.Management.Automation;

namespace Helicone.Tools;

/// <summary>What a command may change, as far as its author declared it.</summary>
internal sealed class ToolImpact
{
    /// <summary>The verbs of commands that read and change nothing. Others, such as Show, Format, Join, and Read, are used for both.</summary>
    internal static readonly string[] ReadOnlyVerbs =
        ["Compare", "ConvertFrom", "ConvertTo", "Find", "Get", "Group", "Measure", "Resolve", "Search", "Select", "Sort", "Test"];

    private ToolImpact(bool isReadOnly, bool supportsShouldProcess, ConfirmImpact? declared)
    {
        IsReadOnly = isReadOnly;
        SupportsShouldProcess = supportsShouldProcess;
        Declared = declared;
    }

    /// <summary>A script block, or a tool that the caller runs: nothing is known of it.</summary>
    public static ToolImpact Unknown { get; } = new(false, false, null);

    public bool IsReadOnly { get; }

    public bool SupportsShouldProcess { get; }

    /// <summary>The impact that the author declared; <see langword="null"/> for a command that declares none.</summary>
    public ConfirmImpact? Declared { get; }

    /// <summary>The impact as a person reads it.</summary>
    public string Text => IsReadOnly ? "none (reads only)" : Declared?.ToString() ?? "unknown";

    /// <summary>
    /// The impact to compare with <c>$ConfirmPreference</c>. That the model chose the command and its arguments counts as one level more: at the default
    /// preference, High, a command of medium impact asks. A command that declares nothing counts as High.
    /// </summary>
    public ConfirmImpact Effective => Declared switch
    {
        ConfirmImpact.None or ConfirmImpact.Low => ConfirmImpact.Medium,
        _ => ConfirmImpact.High,
    };

    /// <summary>Reads what a command declares.</summary>
    /// <param name="command">The command, which is no alias.</param>
    /// <param name="isBlock">Indicates whether the command is a script block, whose name has no meaning.</param>
    public static ToolImpact Of(CommandInfo command, bool isBlock)
    {
        bool supports = false;
        ConfirmImpact? declared = null;
        if (command is CmdletInfo or FunctionInfo)
        {
            CommandMetadata metadata = new(command);
            supports = metadata.SupportsShouldProcess;
            declared = supports ? metadata.ConfirmImpact : null;
        }

        bool isReadOnly = !isBlock && !supports && (command is CmdletInfo or FunctionInfo) && IsReadOnlyName(command.Name);
        return new ToolImpact(isReadOnly, supports, declared);
    }

    private static bool IsReadOnlyName(string name)
    {
        int dash = name.IndexOf('-');
        return dash > 0 && ReadOnlyVerbs.Contains(name.Substring(0, dash), StringComparer.OrdinalIgnoreCase);
    }
}
