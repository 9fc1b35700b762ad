using System.Linq;
using System.Management.Automation;
using Helicone.Runtime;

namespace Helicone.Errors;

/// <summary>The error of an item whose run has already shown the same error for another item.</summary>
/// <remarks>
/// It is an error record like any other: in the error stream, in <c>$Error</c> and <c>-ErrorVariable</c>, with its own TargetObject. Only its
/// view in Helicone.Format.ps1xml differs, which the engine finds by the name of this type.
/// </remarks>
internal sealed class RepeatedErrorRecord : ErrorRecord
{
    private readonly FailureGroups _run;

    internal RepeatedErrorRecord(ErrorRecord error, FailureGroups run)
        : base(error.Exception, error.FullyQualifiedErrorId, error.CategoryInfo.Category, error.TargetObject)
    {
        ErrorDetails = error.ErrorDetails;
        CategoryInfo.TargetName = error.CategoryInfo.TargetName;
        _run = run;
    }

    /// <summary>What a host shows: nothing while the run goes on, and after it what any error shows.</summary>
    public string Shown => _run.IsOver ? Rendered() : string.Empty;

    private string Rendered()
    {
        using PowerShell shell = PowerShell.Create(RunspaceMode.CurrentRunspace);
        shell.AddCommand("Out-String");
        try
        {
            return string.Concat(shell.Invoke<string>(new[] { new ErrorRecord(this, null) }.AsEnumerable())).Trim('\r', '\n');
        }
        catch (CommandNotFoundException)
        {
            // The engine alone, without its Utility module, has no Out-String.
            return ToString();
        }
    }
}
