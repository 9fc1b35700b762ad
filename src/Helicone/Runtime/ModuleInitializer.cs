using System.Management.Automation;

namespace Helicone.Runtime;

/// <summary>Runs when the module is imported: hooks the resolver and does nothing else.</summary>
public sealed class ModuleInitializer : IModuleAssemblyInitializer
{
    /// <inheritdoc/>
    public void OnImport() => DependencyLoader.Hook();
}
