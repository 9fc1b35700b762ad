namespace Helicone.Tools;

/// <summary>A decision about one tool call.</summary>
/// <param name="allowedBy">The reason why the call may be made; <see cref="ToolPermission.None"/> when it may not.</param>
/// <param name="outcome">The outcome of a call that may not be made.</param>
/// <param name="reason">The reason for the model why the call may not be made.</param>
internal sealed class ToolDecision(ToolPermission allowedBy, ToolOutcome outcome = ToolOutcome.Ran, string? reason = null)
{
    // Fields of the client's value types would make the client load during Import-Module.
    private readonly int _allowedBy = (int)allowedBy;
    private readonly int _outcome = (int)outcome;

    public ToolPermission AllowedBy => (ToolPermission)_allowedBy;

    public ToolOutcome Outcome => (ToolOutcome)_outcome;

    public string? Reason => reason;

    public bool IsAllowed => AllowedBy != ToolPermission.None;
}
