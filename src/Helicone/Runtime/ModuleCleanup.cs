using System.Management.Automation;

namespace Helicone.Runtime;

/// <summary>Runs when the module is removed: closes what this runspace opened.</summary>
public sealed class ModuleCleanup : IModuleAssemblyCleanup
{
    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo)
    {
        RunspaceState.Remove();
        DependencyLoader.Unhook();
    }
}
