using System;
using System.Management.Automation;

namespace Helicone.Runtime;

/// <summary>Runs when the module is imported: refuses a PowerShell that cannot load the client, hooks the resolver, and does nothing else.</summary>
public sealed class ModuleInitializer : IModuleAssemblyInitializer
{
    /// <inheritdoc/>
    public void OnImport()
    {
        if (!DependencyLoader.IsModern && DependencyLoader.Refusal(DependencyLoader.HasLoadContexts, Environment.Version) is { } refusal)
        {
            throw new NotSupportedException(refusal);
        }

        DependencyLoader.Hook();
    }
}
