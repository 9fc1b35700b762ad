using System.Management.Automation.Runspaces;

namespace Helicone.Bench.Measuring;

/// <summary>The PowerShell engine in this process, and the modules that are measured in it.</summary>
internal static class Engine
{
    public static string HeliconeManifest { get; } = Find("module/Helicone.psd1");

    public static string EmptyManifest { get; } = Find($"bench/EmptyModule/bin/{Configuration}/netstandard2.0/EmptyModule.psd1");

    public static string ThinModule { get; } = Find($"bench/ThinCmdlet/bin/{Configuration}/net10.0/ThinCmdlet.dll");
    /// <summary>The local gateway as the module has it.</summary>
    public static string Gateway { get; } = Find("module/bin/gateway/Helicone.LocalGateway.dll");

    private static string Configuration =>
#if DEBUG
        "Debug";
#else
        "Release";
#endif

    public static Runspace Open()
    {
        Runspace runspace = RunspaceFactory.CreateRunspace(InitialSessionState.CreateDefault2());
        runspace.Open();
        return runspace;
    }

    private static string Find(string relative)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, relative);
            if (File.Exists(path))
            {
                return path;
            }
        }

        throw new FileNotFoundException($"{relative} is not above this program. Build Helicone.sln in the same configuration first.");
    }
}
