using System.Collections;
using System.Management.Automation;

namespace Helicone.Tests.Bulk;

/// <summary>The error of a run that was stopped, read as a script reads it.</summary>
internal sealed class Stopped(ErrorRecord error)
{
    private readonly PSObject _exception = PSObject.AsPSObject(error.Exception);

    public int Done => (int)_exception.Properties["Done"].Value;

    public int Failed => (int)_exception.Properties["Failed"].Value;

    public IReadOnlyList<object?> Unanswered => [.. ((IEnumerable)_exception.Properties["Unanswered"].Value).Cast<object?>()];
}
