using System.Management.Automation;

namespace Helicone.Runtime;

/// <summary>Runs when the module is imported.</summary>
public sealed class ModuleInitializer : IModuleAssemblyInitializer
{
    /// <inheritdoc/>
    public void OnImport()
    {
    }
}
