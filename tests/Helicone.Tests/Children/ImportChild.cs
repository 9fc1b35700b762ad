using Helicone.Tests.Hosting;

namespace Helicone.Tests.Children;

/// <summary>Writes which assemblies an import loads, beyond those that the engine has loaded for itself.</summary>
internal static class ImportChild
{
    public static void Run()
    {
        using (System.Management.Automation.Runspaces.Runspace warm = System.Management.Automation.Runspaces.RunspaceFactory.CreateRunspace(System.Management.Automation.Runspaces.InitialSessionState.CreateDefault2()))
        {
            // What the engine needs to run any script and to import any module is its own.
            warm.Open();
            using System.Management.Automation.PowerShell shell = System.Management.Automation.PowerShell.Create(warm);
            shell.AddScript("$null = New-Module { }; 1").Invoke();
        }

        HashSet<string> before = Loaded();
        using (new Shell())
        {
            foreach (string assembly in Loaded().Except(before).Order(StringComparer.Ordinal))
            {
                Console.WriteLine(assembly);
            }
        }
    }

    private static HashSet<string> Loaded() => AppDomain.CurrentDomain.GetAssemblies().Select(assembly => assembly.GetName().Name!).ToHashSet();
}
