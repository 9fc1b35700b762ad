using System.Management.Automation;

namespace EmptyModule;

/// <summary>Gives nothing.</summary>
[Cmdlet(VerbsCommon.Get, "Nothing")]
[OutputType(typeof(Nothing))]
public sealed class GetNothingCommand : PSCmdlet
{
}

/// <summary>Nothing.</summary>
public sealed class Nothing
{
    /// <summary>Its name.</summary>
    public string Name { get; set; } = string.Empty;
}
