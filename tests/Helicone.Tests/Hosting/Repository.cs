namespace Helicone.Tests.Hosting;

/// <summary>Where the module is that the tests import.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Module => Path.Combine(Root, "module");

    public static string Manifest => Path.Combine(Module, "Helicone.psd1");

    public static string Bin => Path.Combine(Module, "bin");

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Helicone.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException("The tests run from a build inside of the repository.");
    }
}
